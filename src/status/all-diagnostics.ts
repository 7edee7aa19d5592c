import { joinedRefusals, type ReportedRefusal } from '../ads/refusal/reported-refusal.ts';
import type { AdsServer } from '../ads/server.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { DiagnosticAge, Engine } from '../engine/engine.ts';
import { routeOrigins } from '../row/route-rows.ts';
import { refusalDiagnostics } from './refusal-diagnostics.ts';

/**
 * Everything that is to be said of the objects of a server: what sources and the build found, and what Envoys refuse.
 * @param others what Envoys of other replicas refuse. Undefined: only those of this one are asked for.
 */
export function allDiagnostics(
  engine: Engine,
  ads: Pick<AdsServer, 'diagnostics' | 'refusals'>,
  age?: DiagnosticAge,
  others: readonly ReportedRefusal[] = [],
): readonly Diagnostic[] {
  const refusals = joinedRefusals(ads.refusals(), others, engine.snapshot);
  return [...engine.diagnostics(age), ...ads.diagnostics(), ...refusalDiagnostics(refusals, (group) => routeOrigins(engine.group(group)))];
}
