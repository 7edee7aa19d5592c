import Table from 'cli-table3';

// No lines at all: what a person reads, and what `cut` and `awk` read when it is piped.
const noLines = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
const noInnerLines = { left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' };

/**
 * Aligned columns without lines, never wrapped or cut. Lines have no blanks at their end.
 * @param head names of the columns; a column that is empty in every row is left out.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.map((_, index) => index).filter((index) => rows.some((row) => row[index] !== undefined && row[index] !== ''));
  const pick = (cells: readonly string[]): string[] => kept.map((index) => cells[index] ?? '');
  const lines = new Table({
    head: pick(head),
    chars: { ...noLines, ...noInnerLines },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) lines.push(pick(row));
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
