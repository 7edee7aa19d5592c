/**
 * The value below which a share of all values lies; the one in the middle by default.
 * @param share from 0 to 1.
 */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
