import type { Diagnostic } from '../diagnostic.ts';
import { notOfRoutes, type Verdict, verdict } from './verdict.ts';

/** What is said of an object of ours that stands for itself: whether anything in it is wrong. */
export function ownKindVerdicts(diagnostics: readonly Diagnostic[]): readonly Verdict[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return [verdict('Accepted', 'Accepted', errors, notOfRoutes)];
}
