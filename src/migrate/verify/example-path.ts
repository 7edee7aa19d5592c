/** So many texts are kept of each part of an expression. */
const most = 4;

/**
 * Texts that an expression of a path fits at the start, for requests: each alternative is taken, what may be left out is there and is not.
 * None where it has something that nobody but PCRE understands.
 * @example examplePaths('/api(/|$)(.*)') // ['/api/x', '/api/', '/api']
 */
export function examplePaths(expression: string): readonly string[] {
  let rest = expression;
  const take = (length: number): string => {
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };

  function alternatives(): readonly string[] {
    const found = [...sequence()];
    while (rest.startsWith('|')) {
      take(1);
      found.push(...sequence());
    }
    return found;
  }

  function sequence(): readonly string[] {
    let texts: readonly string[] = [''];
    while (rest !== '' && !/^[|)]/.test(rest)) {
      const parts = repeated(atom());
      texts = texts.flatMap((text) => parts.map((part) => text + part)).slice(0, most);
    }
    return texts;
  }

  function atom(): readonly string[] {
    const [group] = /^\((\?(:|<?[=!]|P?<\w+>))?/.exec(rest) ?? [];
    if (group !== undefined) {
      take(group.length);
      const inner = alternatives();
      take(1);
      return /[=!]$/.test(group) ? [''] : inner;
    }
    const [set] = /^\[\^?\]?(\\.|[^\]\\])*\]/.exec(rest) ?? [];
    if (set !== undefined) return [characterOf(take(set.length))];
    const one = take(rest.startsWith('\\') ? 2 : 1);
    if (one === '^' || one === '$' || /^\\[bBAzZ]$/.test(one)) return [''];
    return [one === '.' || /^\\[dwsDWS]$/.test(one) ? characterOf(one) : one.replace(/^\\/, '')];
  }

  function repeated(texts: readonly string[]): readonly string[] {
    const [sign, times] = /^(?:[*+?]|\{(\d+)[^}]*\})[?+]?/.exec(rest) ?? [];
    if (sign === undefined) return texts;
    take(sign.length);
    if (times !== undefined) return texts.map((text) => text.repeat(Math.min(Number(times), 64)));
    return sign.startsWith('+') ? texts : [...texts, ''];
  }

  const whole = compiled(expression) && compiled(`^(?:${expression})`);
  return whole === undefined ? [] : [...new Set(alternatives())].filter((text) => text.startsWith('/') && whole.test(text));
}

/** A character of a set. */
function characterOf(set: string): string {
  const expression = compiled(set);
  return [...'x1X-_/~%'].find((one) => expression?.test(one)) ?? [...set].find((one) => expression?.test(one)) ?? '';
}

function compiled(expression: string): RegExp | undefined {
  try {
    return new RegExp(expression, 'i');
  } catch {
    // PCRE knows forms that JavaScript does not: then there is no example.
    return undefined;
  }
}
