/** A duration as Gateway API writes them, in which no number has more than five digits. @param seconds may have a fraction of thousandths. */
export function writtenDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [Math.floor(seconds % 60), 's'],
    [Math.round((seconds % 1) * 1000), 'ms'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0s';
}
