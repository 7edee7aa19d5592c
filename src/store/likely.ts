import { distance } from 'fastest-levenshtein';

/** Whether a word is likely to be a mistyped form of another: one wrong letter in three at most, capitals aside. */
export function isLikely(written: string, meant: string): boolean {
  return distance(written.toLowerCase(), meant.toLowerCase()) <= Math.max(1, Math.floor(meant.length / 3));
}
