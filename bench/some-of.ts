/**
 * What an option of a bench chooses, in the order of `all`.
 * @param given names with commas between them, as they are written behind `--NAME`; undefined: all hold.
 * @throws {Error} where one of them is unknown.
 */
export function someOf<Name extends string>(name: string, given: string | undefined, all: readonly Name[]): readonly Name[] {
  if (given === undefined) return all;
  const names = given.split(',');
  const unknown = names.find((one) => !all.some((known) => known === one));
  if (unknown !== undefined) throw new Error(`--${name}: there is no ${unknown}, but ${all.join(', ')}`);
  return all.filter((known) => names.includes(known));
}
