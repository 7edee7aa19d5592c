/** Text of a picture. @param more attributes. */
export function text(x: number, y: number, content: string, anchor: 'start' | 'end' = 'start', more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}" ${more}>${content}</text>`;
}
