import type { Report } from '../../diagnostic.ts';
import { sameEnds } from '../../memo/each-of-list.ts';
import type { Work } from '../../work.ts';
import { leftBehind } from '../left-behind.ts';
import { touchedNotes } from '../noting-reading.ts';
import { isSameList } from '../same-list.ts';
import type { IngressPort } from './feature/feature.ts';
import {
  type Facts,
  isSamePort,
  isSettled,
  type Known,
  knownServer,
  type Placed,
  type ServerContext,
  type ServerLookups,
  type Shared,
  slotsOfServers,
} from './known-server.ts';
import type { Server } from './location.ts';

/** What a host name puts on the ports, in their order. */
export interface ServerRow {
  readonly known: readonly Known[];
  /** It need not be looked at while nothing changes that was looked up for it. */
  readonly isSettled: boolean;
}

/** What all rows of a translation follow from, beside their host names. */
interface Whole {
  readonly shared: Shared;
  /** On which they stand. */
  readonly ports: readonly IngressPort[];
  /** Host names that want HTTPS. */
  readonly redirected: ReadonlySet<string>;
  /** Whether any of them asks clients for certificates. */
  readonly asksClients: boolean;
}

interface Left extends Whole {
  readonly servers: readonly Server[];
  readonly rows: readonly ServerRow[];
}

const left = leftBehind<Left>();

/**
 * What each host name puts on the ports. Of thousands of host names most put there what they did in the translation before, which left a list of that: they are
 * looked at again only where something changed that was looked up for them, or that holds for all.
 * @param factsOf what is known of a host name before it is translated; it follows from the whole.
 * @param make translates one.
 */
export function* serverRows(
  servers: readonly Server[],
  whole: Whole,
  factsOf: (server: Server) => Facts,
  lookups: ServerLookups,
  report: Report,
  make: (context: ServerContext) => Placed,
): Work<readonly ServerRow[]> {
  const { shared, ports } = whole;
  const before = rowsBefore(servers, whole, lookups);
  const slots = slotsOfServers('', servers);
  const rows: ServerRow[] = [];
  for (const [index, server] of servers.entries()) {
    const row = before[index];
    if (row) rows.push(row);
    else {
      const known = knownServer(slots[index] ?? {}, factsOf(server), shared, ports, lookups, report, make);
      rows.push({ known, isSettled: known.every(isSettled) });
      yield;
    }
  }
  left.leave(lookups.changes, { ...whole, servers, rows });
  return rows;
}

/** The row of each host name in the translation before, where it is the same now. */
function rowsBefore(servers: readonly Server[], whole: Whole, { changes }: ServerLookups): readonly (ServerRow | undefined)[] {
  const before = left.before(changes);
  const touched = touchedNotes(changes);
  if (!before || !touched || !isSameWhole(before, whole)) return [];
  const { head, tail } = sameEnds(before.servers, servers);
  const between = servers.slice(head, servers.length - tail).map(() => undefined);
  const rows = [...before.rows.slice(0, head), ...between, ...before.rows.slice(before.rows.length - tail)];
  const isTouched = ({ known }: ServerRow): boolean => touched.length > 0 && known.some(({ notes }) => notes.hasAny(touched));
  return rows.map((row) => (row?.isSettled && !isTouched(row) ? row : undefined));
}

function isSameWhole(a: Whole, b: Whole): boolean {
  return (
    a.shared === b.shared &&
    !a.asksClients &&
    !b.asksClients &&
    a.ports.length === b.ports.length &&
    a.ports.every((port, index) => isSamePort(port, b.ports[index] as IngressPort)) &&
    isSameList([...a.redirected], [...b.redirected])
  );
}
