/** What a value must be, in words, where it is not that; undefined: it is good. */
export type ValueRule = (value: unknown) => string | undefined;

/** Rules of one kind (`string`, `uint32`, …) as the options of a field write them: rule name to its limit. */
export type Limits = Readonly<Record<string, unknown>>;

/**
 * Makes the rules of a single value from the options that the Envoy API writes for it.
 * @throws {Error} for a rule that is not known here, so that a newer API cannot bring one that goes unseen: a test reads them all.
 * @see https://github.com/bufbuild/protoc-gen-validate#constraint-rules
 */
export function valueRules(kind: string, limits: Limits): readonly ValueRule[] {
  const { ignore_empty: ignoreEmpty, strict, ...rest } = limits;
  const made = Object.entries(rest).map(([name, limit]) => valueRule(kind, name, limit, strict !== false));
  return ignoreEmpty === true ? made.map((rule) => (value: unknown) => (isEmpty(value) ? undefined : rule(value))) : made;
}

function valueRule(kind: string, name: string, limit: unknown, strict: boolean): ValueRule {
  switch (`${kindOf(kind)} ${name}`) {
    case 'number gt':
      return (value) => says(Number(value) > Number(limit), `must be above ${limit}`);
    case 'number gte':
      return (value) => says(Number(value) >= Number(limit), `must be at least ${limit}`);
    case 'number lt':
      return (value) => says(Number(value) < Number(limit), `must be below ${limit}`);
    case 'number lte':
      return (value) => says(Number(value) <= Number(limit), `must be at most ${limit}`);
    case 'bool const':
      return (value) => says(value === limit, `must be ${limit}`);
    case 'string min_len':
    case 'bytes min_len':
      return (value) => says(lengthOf(value) >= Number(limit), limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`);
    case 'string max_len':
    case 'bytes max_len':
      return (value) => says(lengthOf(value) <= Number(limit), `must have at most ${limit} characters`);
    case 'string max_bytes':
      return (value) => says(Buffer.byteLength(String(value)) <= Number(limit), `must have at most ${limit} bytes`);
    case 'string pattern':
      return matching(new RegExp(String(limit), 'u'), `must match ${limit}`);
    case 'string well_known_regex':
      return wellKnown(String(limit), strict);
    case 'string in':
      return (value) => says(listOf(limit).includes(value), `must be one of ${listOf(limit).join(', ')}`);
    case 'enum not_in':
      return (value) => says(!listOf(limit).includes(value), `must not be ${value}`);
    default:
      throw new Error(`the Envoy API has a field rule that is not known: ${kind}.${name}`);
  }
}

const numbers = new Set(['uint32', 'uint64', 'int32', 'int64', 'float', 'double']);
const kindOf = (kind: string): string => (numbers.has(kind) ? 'number' : kind);
const says = (isGood: boolean, words: string): string | undefined => (isGood ? undefined : words);
const listOf = (limit: unknown): readonly unknown[] => (Array.isArray(limit) ? limit : [limit]);
const isEmpty = (value: unknown): boolean => value === '' || Number(value) === 0;
/** Strings count in code points. */
const lengthOf = (value: unknown): number =>
  typeof value === 'string' ? (/[\ud800-\udbff]/.test(value) ? [...value].length : value.length) : (value as Uint8Array).length;
const matching =
  (expression: RegExp, words: string): ValueRule =>
  (value) =>
    says(expression.test(String(value)), words);

const token = /^:?[0-9a-zA-Z!#$%&'*+.^_|~`-]+$/;
// Control characters are what these are about.
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const visible = /^[^\x00-\x08\n-\x1f\x7f]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const oneLine = /^[^\x00\n\r]*$/;

function wellKnown(name: string, strict: boolean): ValueRule {
  if (name !== 'HTTP_HEADER_NAME' && name !== 'HTTP_HEADER_VALUE') throw new Error(`the Envoy API has an expression that is not known: ${name}`);
  if (!strict) return matching(oneLine, 'must not hold a line break or NUL');
  return name === 'HTTP_HEADER_NAME' ? matching(token, 'must be the name of a header') : matching(visible, 'must not hold control characters');
}
