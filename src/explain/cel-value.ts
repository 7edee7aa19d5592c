import type { Headers } from './header-format.ts';

const literal = String.raw`'((?:[^'\\]|\\.)*)'`;
const condition = String.raw`request\.headers\[${literal}\]\.contains\(${literal}\) \? `;
/** Where the condition does not hold, what is found is empty as well. */
const extraction = new RegExp(String.raw`^(?:${condition})?re\.extract\(request\.headers\[${literal}\], ${literal}, ${literal}\)(?: : '')?$`);

/**
 * What an expression of CEL gives that finds a pattern in a header, the one form that the way of a request depends on. Empty where it finds nothing.
 * @returns undefined: it is another expression.
 */
export function celValue(expression: string, headers: Headers): string | undefined {
  const parts = extraction.exec(expression);
  if (!parts) return undefined;
  const [tested, text, header, pattern, rewrite] = parts.slice(1).map((part = '') => textOf(part)) as [string, string, string, string, string];
  if (tested !== '' && !headers.get(tested)?.includes(text)) return '';
  const groups = new RegExp(pattern).exec(headers.get(header) ?? '');
  return groups ? rewrite.replaceAll(/\\(\d)/g, (_, group: string) => groups[Number(group)] ?? '') : '';
}

/** What is written in a literal stands for. */
function textOf(written: string): string {
  return written.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : char,
  );
}
