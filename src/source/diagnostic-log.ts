import type { Logger } from 'pino';
import { type Diagnostic, placeOf } from '../diagnostic.ts';

/** Writes diagnostics to the log, each when it is new: not among those before. */
export function createDiagnosticLog(log: Logger): (all: readonly Diagnostic[]) => void {
  let told: ReadonlySet<string> = new Set();
  return (all) => {
    const now = new Set<string>();
    for (const { code, severity, message, at } of all) {
      const text = `${placeOf(at)} ${message}`;
      now.add(text);
      if (!told.has(text)) log[severity === 'info' ? 'info' : 'warn']({ code, at: placeOf(at) }, message);
    }
    told = now;
  };
}
