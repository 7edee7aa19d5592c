/** One directive of nginx code. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
}

/** The directives of nginx code, also those within blocks, in the order in which they are written. Code that nginx would refuse gives what can be seen in it. */
export function directivesIn(code: string): readonly Directive[] {
  const found: Directive[] = [];
  let words: string[] = [];
  for (const [token] of code.replaceAll(/(^|\s)#.*$/gm, '').matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[;{}]|[^\s;{}"']+/g)) {
    if (token !== ';' && token !== '{' && token !== '}') {
      words.push(/^["']/.test(token) ? token.slice(1, -1) : token);
      continue;
    }
    const [name, ...rest] = words;
    if (name !== undefined) found.push({ name, words: rest });
    words = [];
  }
  return words[0] === undefined ? found : [...found, { name: words[0], words: words.slice(1) }];
}
