import { Hono } from 'hono';
import { type Diagnostic, placeOf } from '../../diagnostic.ts';
import type { Served } from '../served.ts';
import { type DiagnosticCounts, diagnosticCounts } from './status.ts';

/** The answer of `GET /api/v1/diagnostics`. */
export interface DiagnosticsAnswer {
  /** By place, errors first within one. */
  readonly diagnostics: readonly Diagnostic[];
  readonly counts: DiagnosticCounts;
}

const ranks = { error: 0, warning: 1, info: 2 } as const;

/** What the sources and the translation complain about. */
export function diagnosticsApi(served: Served): Hono {
  return new Hono().get('/diagnostics', (context) => {
    const diagnostics = [...served.diagnostics()].sort(byPlace);
    const answer: DiagnosticsAnswer = { diagnostics, counts: diagnosticCounts(diagnostics) };
    return context.json(answer);
  });
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return placeOf(a.at).localeCompare(placeOf(b.at), 'en', { numeric: true }) || ranks[a.severity] - ranks[b.severity];
}
