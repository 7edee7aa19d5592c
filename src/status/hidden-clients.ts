import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Engine } from '../engine/engine.ts';
import { clientCensus, type Doubt } from '../explain/client-census.ts';
import type { Group, Listener } from '../ir/gateway.ts';
import type { ClientLedger, ClientTally } from '../load/client-ledger.ts';
import { memoizedByBoth } from '../memo/memoized.ts';

/** Requests of a sample from which on anything is said; that hardly any clients are different the judge says from 1,000 on. */
const least = 100;

/** How often clients are judged. */
const judgeMs = 10_000;

/** What is judged, and when. */
export interface ClientWatchOptions {
  readonly engine: Pick<Engine, 'groups' | 'group' | 'written'>;
  readonly ledger: ClientLedger;
  readonly clock: Clock;
  /** Networks of the nodes, as `ADDRESS/LENGTH`. */
  readonly nodes: readonly string[];
  /** Told when something else is to be said than before. */
  readonly onChange: () => void;
}

/** Judges every ten seconds whether gateways see their real clients, so that it costs the same however often somebody asks. */
export interface ClientWatch {
  /** What was found last. */
  diagnostics(): readonly Diagnostic[];
  stop(): void;
}

/** Begins. */
export function createClientWatch({ engine, ledger, clock, nodes, onChange }: ClientWatchOptions): ClientWatch {
  let found: readonly Diagnostic[] = [];
  let cancel = clock.after(judgeMs, judge);

  function judge(): void {
    cancel = clock.after(judgeMs, judge);
    const before = found;
    const groups = engine.groups().flatMap((name) => engine.group(name) ?? []);
    const tallyOf = (group: string, listener: string): ClientTally | undefined => {
      const version = engine.written(group)?.resources.listeners.get(listener)?.version;
      return version === undefined ? undefined : ledger.tally({ group, listener, version }, clock.steady());
    };
    found = hiddenClients(groups, tallyOf, nodes);
    if (!isDeepStrictEqual(before, found)) onChange();
  }

  return { diagnostics: () => found, stop: () => cancel() };
}

/**
 * `ClientsHidden` for the listeners of gateways whose clients seem to stand behind something else, once each. What it says does not change with every
 * request, as Events are written of it, and names no address.
 * @param groups those that are served.
 * @param tallyOf what is known of the clients of a listener.
 * @param nodes networks of the nodes, as `ADDRESS/LENGTH`; the same list each time.
 */
export function hiddenClients(
  groups: readonly Group[],
  tallyOf: (group: string, listener: string) => ClientTally | undefined,
  nodes: readonly string[],
): readonly Diagnostic[] {
  return groups.flatMap((group) =>
    group.listeners.flatMap((listener) => {
      const tally = tallyOf(group.name, listener.name);
      const sign = tally && signOf(tally, nodes);
      if (!sign) return [];
      const message = `Requests to port ${listener.writtenPort} of group ${group.name} ${what[sign]} Lists of addresses, limits, hashes and logs take that for the clients.`;
      const seenByHeader = tally.ofPeers < sum(tally.counts.values()) / 2;
      return [diagnostic('ClientsHidden', listener.origins[0] ?? {}, message, `${remedyOf(sign, listener, seenByHeader)} ${silence}`)];
    }),
  );
}

/** The clearest sign, once enough is known. */
const signOf = memoizedByBoth(({ counts }: ClientTally, nodes: readonly string[]): Doubt['sign'] | undefined => {
  const { requests, doubts } = clientCensus(counts, nodes);
  return requests < least ? undefined : doubts[0]?.sign;
});

const what: Readonly<Record<Doubt['sign'], string>> = {
  shared: 'come from 100.64.0.0/10: a load balancer in FullNAT mode seems to hide the clients.',
  nodes: 'come from nodes: kube-proxy seems to hide the clients.',
  few: 'come nearly all from 20 addresses or fewer: something in front seems to hide the clients.',
};

const silence = 'Where these are the clients, say `clientCensus: {samplePercent: 0}` in the GatewayConfig.';

function remedyOf(sign: Doubt['sign'], { clientAddress }: Listener, seenByHeader: boolean): string {
  if (clientAddress.mode === 'XForwardedFor') {
    return seenByHeader
      ? 'The header names a proxy as the client: trust its network too (`trustedCIDRs`, `proxy-real-ip-cidr`), or let what stands before it name the client.'
      : 'Those that connect are not trusted: add their networks to `trustedCIDRs` or `proxy-real-ip-cidr` if they are your proxies.';
  }
  if (clientAddress.mode === 'ProxyProtocol') {
    return 'The PROXY header names what stands before the one that writes it, or is missing: let the first load balancer write it, and the others hand it on.';
  }
  const local = 'Say `externalTrafficPolicy: Local` in the Service of the Envoys';
  const protocol = 'switch the PROXY protocol on in the load balancer and here (`use-proxy-protocol`, `clientAddress: {mode: ProxyProtocol}`)';
  const header =
    'behind one that speaks HTTP trust X-Forwarded-For of its networks (`use-forwarded-headers` with `proxy-real-ip-cidr`, `clientAddress: {mode: XForwardedFor}`)';
  if (sign === 'nodes') return `${local}.`;
  if (sign === 'shared') return `${protocol.charAt(0).toUpperCase()}${protocol.slice(1)}; ${header}.`;
  return `${local}, where kube-proxy stands in between; ${protocol}; ${header}.`;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
