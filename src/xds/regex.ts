/** RE2 source that matches the text itself and nothing else. */
export function regexOf(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Text as a substitution of RE2, where `\1` would be a group. */
export function substitutionOf(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
