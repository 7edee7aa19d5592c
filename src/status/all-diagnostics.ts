import type { AdsServer } from '../ads/server.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { DiagnosticAge, Engine } from '../engine/engine.ts';
import { routeOrigins } from '../row/route-rows.ts';
import { refusalDiagnostics } from './refusal-diagnostics.ts';

/** Everything that is to be said of the objects of a server: what sources and the build found, and what Envoys refuse. */
export function allDiagnostics(engine: Engine, ads: Pick<AdsServer, 'diagnostics' | 'refusals'>, age?: DiagnosticAge): readonly Diagnostic[] {
  return [...engine.diagnostics(age), ...ads.diagnostics(), ...refusalDiagnostics(ads.refusals(), (group) => routeOrigins(engine.group(group)))];
}
