/**
 * An operator for what a pattern (RE2) finds in a header, put together anew: `\1` stands for the first group. It is empty where the header is not there, or the
 * pattern finds nothing.
 * @param holds the pattern is tried only where the header has this text. Undefined: always.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
 */
export function extracted(header: string, pattern: string, rewrite: string, holds?: string): string {
  const value = `request.headers[${celText(header)}]`;
  const found = `re.extract(${value}, ${celText(pattern)}, ${celText(rewrite)})`;
  return holds === undefined ? `%CEL(${found})%` : `%CEL(${value}.contains(${celText(holds)}) ? ${found} : '')%`;
}

/** A literal of CEL, without what would end it or the operator that it stands in. */
export function celText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll(/['%]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)}'`;
}
