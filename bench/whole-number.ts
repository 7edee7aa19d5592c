/**
 * The whole number that an option of a bench gives.
 * @param given as it is written behind `--NAME`; undefined: `otherwise` holds.
 * @throws {Error} where it is none from `least` on.
 */
export function wholeNumber(name: string, given: string | undefined, otherwise: number, least = 1): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is ${given}, not a whole number from ${least} on`);
  return value;
}
