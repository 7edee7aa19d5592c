/** A path of a host name with expressions, as a prefix of whole path elements. */
export interface PrefixForm {
  /** Without a slash at its end; empty for the root. */
  readonly prefix: string;
  /** nginx takes what is below it, and not itself. */
  readonly isBelow: boolean;
  /** nginx takes longer names as well: `/shops` for `/shop`. */
  readonly isLoose: boolean;
  /** What stands in the place of the prefix, with a slash at its end. Undefined: no group of the path is asked for. */
  readonly replacement?: string;
}

/** A text without anything that an expression reads as more than itself. */
const literal = /^[\w\-~/]*$/;

/** What the first part of an expression may be: a dot is meant as one. */
const start = '((?:/[\\w\\-.~]+)*)';

/** The usual ways to write "all below, without what stands before", with the group that holds the rest. */
const idioms = [
  { form: new RegExp(`^${start}\\(/\\|\\$\\)\\(\\.\\*\\)\\$?$`), group: 2, isBelow: false, isLoose: false },
  { form: new RegExp(`^${start}/\\?\\(\\.\\*\\)\\$?$`), group: 1, isBelow: false, isLoose: true },
  { form: new RegExp(`^${start}/\\(\\.\\*\\)\\$?$`), group: 1, isBelow: true, isLoose: false },
] as const;

/**
 * A path with its `rewrite-target` as a prefix: a plain path, or one of `/shop(/|$)(.*)` with `/$2`, `/shop/?(.*)` and `/shop/(.*)` with `/$1`, and `/(.*)`,
 * each also with a plain path before the group. Undefined: it is more than a prefix.
 */
export function prefixForm(path: string, target: string | undefined): PrefixForm | undefined {
  if (!target?.includes('$')) {
    if (!literal.test(path)) return undefined;
    const prefix = path.replace(/\/+$/, '');
    const isBelow = prefix !== '' && path.endsWith('/');
    return { prefix, isBelow, isLoose: !isBelow };
  }
  for (const { form, group, isBelow, isLoose } of idioms) {
    const [, prefix] = form.exec(path) ?? [];
    const [, replacement, asked] = /^((?:\/[\w\-.~]+)*\/)\$(\d)$/.exec(target) ?? [];
    if (prefix === undefined || replacement === undefined || Number(asked) !== group) continue;
    // Of `/(.*)` the root is part; the others say nothing of use without a prefix.
    if (prefix === '') return isBelow ? { prefix, isBelow: false, isLoose: false, replacement } : undefined;
    return { prefix, isBelow, isLoose, replacement };
  }
  return undefined;
}

/** What every path that fits an expression begins with. */
export function literalHead(expression: string): string {
  if (expression.replace(/\([^()]*\)/g, '').includes('|')) return '';
  const [head = '', next = ''] = /^([\w\-~/]*)(.?)/.exec(expression)?.slice(1) ?? [];
  return /[?*{]/.test(next) ? head.slice(0, -1) : head;
}
