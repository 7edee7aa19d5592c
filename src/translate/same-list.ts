/** Whether two lists hold the very same. */
export function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((one, index) => Object.is(one, b[index])));
}
