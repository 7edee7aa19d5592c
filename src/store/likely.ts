import { closest, distance } from 'fastest-levenshtein';

/**
 * The one of the known words that was probably meant: one wrong letter in three at most, capitals aside.
 * Undefined: none of them is near.
 */
export function likelyMeant(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const text = written.toLowerCase();
  const lower = known.map((word) => word.toLowerCase());
  const near = closest(text, lower);
  return distance(text, near) <= Math.max(1, Math.floor(near.length / 3)) ? known[lower.indexOf(near)] : undefined;
}
