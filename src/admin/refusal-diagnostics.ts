import type { ToldRefusal } from '../ads/refusals.ts';
import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { words } from '../revision/consistent.ts';
import { oneForEachObject, pieceText } from '../revision/quarantine.ts';

const outcomes = {
  lastGood: 'its last good form stays in use',
  standIn: 'requests for it are answered with 503',
  nothing: 'it is left out',
} as const satisfies Record<ToldRefusal['instead'], string>;

const remedy = 'Change what its words name; a newer Envoy may take it. `sluice status` shows which Envoys go on with something older.';

/**
 * `RefusedByEnvoy` for what Envoys refuse, at the objects that it comes from, until these change.
 * @param originsOf where the routes of a group come from, by `CONFIGURATION ROUTE`.
 */
export function refusalDiagnostics(
  refusals: readonly ToldRefusal[],
  originsOf: (group: string) => ReadonlyMap<string, readonly Origin[]>,
): readonly Diagnostic[] {
  return refusals.flatMap((refusal) => {
    const { group, agent, type, name, piece, instead, message } = refusal;
    const what = piece ? pieceText(name, piece) : `${words[type]} ${name}`;
    const text = `${agent} of group ${group} refuses the ${what}, so ${outcomes[instead]}: ${message}`;
    const ofRoute = piece?.route === undefined ? [] : (originsOf(group).get(`${name} ${piece.route}`) ?? []);
    const origins = ofRoute.length > 0 ? ofRoute : refusal.origins;
    return oneForEachObject(origins).map((origin) => diagnostic('RefusedByEnvoy', origin, text, remedy));
  });
}
