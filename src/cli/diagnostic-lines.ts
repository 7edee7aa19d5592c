import { type Diagnostic, placeOf, type Severity } from '../diagnostic.ts';
import type { Paint, Terminal } from './terminal.ts';

const paints = { error: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<Severity, Paint>;

/** `file:line:column severity code message (remedy)`, as editors and CI read it. */
export function diagnosticLine(terminal: Terminal, { at, severity, code, message, remedy }: Diagnostic): string {
  const place = placeOf(at);
  const parts = [terminal.paint('bold', place === '' ? '-' : place), terminal.paint(paints[severity], severity), code, message];
  return `${parts.join(' ')}${remedy === undefined ? '' : ` ${terminal.paint('dim', `(${remedy})`)}`}`;
}

/** `2 errors, 1 warning`; `no problems` where there is nothing. */
export function countsLine(counts: Readonly<Record<Severity, number>>): string {
  const parts = [
    [counts.error, 'error', 'errors'],
    [counts.warning, 'warning', 'warnings'],
    [counts.info, 'note', 'notes'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`);
  return said.length === 0 ? 'no problems' : said.join(', ');
}
