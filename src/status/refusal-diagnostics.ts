import type { ToldRefusal } from '../ads/refusal/refusals.ts';
import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { words } from '../revision/consistent.ts';
import { oneForEachObject, pieceText } from '../revision/quarantine.ts';

const outcomes = {
  lastGood: 'its last good form stays in use',
  standIn: 'requests for it are answered with 503',
  nothing: 'it is left out',
} as const satisfies Record<ToldRefusal['instead'], string>;

const remedy = 'Change what its words name; a newer Envoy may take it. `sluice status` shows which Envoys go on with something older.';

const remedyAtPlace = 'Free the port there, or let the listener name another one. It is tried again by itself, at least once a minute.';
/** How many nodes are named; the rest is counted. */
const mostNodes = 3;

/**
 * `RefusedByEnvoy` for what Envoys refuse, at the objects that it comes from, until these change; `PortRefusedByEnvoy` for what
 * some cannot bind where they run.
 * @param originsOf where the routes of a group come from, by `CONFIGURATION ROUTE`.
 */
export function refusalDiagnostics(
  refusals: readonly ToldRefusal[],
  originsOf: (group: string) => ReadonlyMap<string, readonly Origin[]>,
): readonly Diagnostic[] {
  const ofPlaces = Map.groupBy(
    refusals.filter(({ node }) => node !== undefined),
    ({ group, agent, name, version }) => JSON.stringify([group, agent, name, version]),
  );
  const ofVersions = refusals.filter(({ node }) => node === undefined);
  return [...ofVersions.flatMap(ofVersion), ...[...ofPlaces.values()].flatMap(ofPlace)];

  function ofVersion(refusal: ToldRefusal): readonly Diagnostic[] {
    const { group, agent, type, name, piece, instead, message } = refusal;
    const what = piece ? pieceText(name, piece) : `${words[type]} ${name}`;
    const text = `${agent} of group ${group} refuses the ${what}, so ${outcomes[instead]}: ${message}`;
    const ofRoute = piece?.route === undefined ? [] : (originsOf(group).get(`${name} ${piece.route}`) ?? []);
    const origins = ofRoute.length > 0 ? ofRoute : refusal.origins;
    return oneForEachObject(origins).map((origin) => diagnostic('RefusedByEnvoy', origin, text, remedy));
  }
}

/** The same listener that several Envoys cannot bind, in one message. */
function ofPlace(refusals: readonly ToldRefusal[]): readonly Diagnostic[] {
  const [first] = refusals;
  if (!first) return [];
  const { group, agent, name, instead, message, origins } = first;
  const nodes = refusals.slice(0, mostNodes).map(({ node }) => node);
  const more = refusals.length > mostNodes ? ` and ${refusals.length - mostNodes} more` : '';
  const text = `${agent} ${nodes.join(', ')}${more} of group ${group} cannot use the listener ${name} at its place, so ${outcomes[instead]} there: ${message}`;
  return oneForEachObject(origins).map((origin) => diagnostic('PortRefusedByEnvoy', origin, text, remedyAtPlace));
}
