/** Text of a picture. @param more attributes. */
export function text(x: number, y: number, content: string, anchor: 'start' | 'end' = 'start', more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}" ${more}>${content}</text>`;
}

/** Lines of small print below each other, with nothing in them that a picture would take for its own. @param y of the first. */
export function smallPrint(x: number, y: number, lines: readonly string[]): string {
  const escaped = lines.map((line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
  return escaped.map((line, index) => text(x, y + index * smallLine, line, 'start', 'font-size="8" fill="#555"')).join('\n');
}

/** Height of one. */
export const smallLine = 12;
