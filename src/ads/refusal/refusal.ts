/**
 * The resources that a client's words blame. Envoy writes `Error adding/updating cluster(s) bad: WHY, worse: WHY`, also for
 * listeners; for routes and endpoints it gives the reason only.
 * @param candidates names of what was new or different in the answer that was refused.
 * @returns undefined where the words name none of several candidates.
 */
export function blamed(message: string, candidates: readonly string[]): readonly string[] | undefined {
  for (const isNamed of [isSubject, isMentioned]) {
    const named = candidates.filter((name) => name !== '' && isNamed(message, name));
    if (named.length > 0) return named;
  }
  return candidates.length === 1 ? candidates : undefined;
}

/** `bad: WHY`, the way in which Envoy lists what it refused. */
function isSubject(message: string, name: string): boolean {
  return occurrences(message, name).some(({ before, after }) => /^\s?$/.test(before) && after.startsWith(': '));
}

/** The name as a whole, anywhere: names hold letters, digits and `-_./~`, and a sentence may end after one. */
function isMentioned(message: string, name: string): boolean {
  return occurrences(message, name).some(({ before, after }) => !/[\w./~-]/.test(before) && !/^[\w/~-]|^\.\w/.test(after));
}

/** The character before and the two characters after each place where the name stands. */
function occurrences(message: string, name: string): readonly { readonly before: string; readonly after: string }[] {
  const found: { before: string; after: string }[] = [];
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    const end = at + name.length;
    found.push({ before: message.slice(Math.max(0, at - 1), at), after: message.slice(end, end + 2) });
  }
  return found;
}
