import { BlockList, isIP } from 'node:net';

/** Who the clients of an access log are. */
export interface ClientCensus {
  readonly requests: number;
  /** Different addresses. */
  readonly addresses: number;
  /** Those with the most requests, at most ten. */
  readonly largest: readonly { readonly address: string; readonly requests: number }[];
  /** What looks as if something stood between the clients and the gateway. */
  readonly doubts: readonly Doubt[];
}

/** One sign of it. */
export interface Doubt {
  /** `shared`: addresses of load balancers in FullNAT mode; `nodes`: of nodes; `few`: hardly any different ones. */
  readonly sign: 'shared' | 'nodes' | 'few';
  /** Requests that it is about. */
  readonly requests: number;
  /** Addresses that they come from. */
  readonly addresses: number;
}

/** Load balancers in FullNAT mode have addresses of it, in Alibaba Cloud among others. @see https://www.rfc-editor.org/rfc/rfc6598 */
const sharedSpace = '100.64.0.0/10';
/** Share of the requests from which on an address is no exception. */
const considerable = 0.1;
/** So many requests of so few clients are told; of fewer nothing can be said. */
const few = { requests: 1000, addresses: 20, share: 0.95 } as const;

/**
 * Who the clients are, and whether they are the real ones.
 * @param counts requests by the address of the client.
 * @param nodes networks of the nodes, as `ADDRESS/LENGTH`.
 */
export function clientCensus(counts: ReadonlyMap<string, number>, nodes: readonly string[]): ClientCensus {
  const sorted = [...counts].map(([address, requests]) => ({ address, requests })).sort((a, b) => b.requests - a.requests);
  const requests = sum(sorted);
  const within = (networks: readonly string[]) => {
    const list = blockList(networks);
    return sorted.filter(({ address }) => list.check(address, familyOf(address)));
  };
  const signs = [
    { sign: 'shared', found: within([sharedSpace]), share: considerable },
    { sign: 'nodes', found: within(nodes), share: considerable },
    { sign: 'few', found: requests < few.requests ? [] : sorted.slice(0, few.addresses), share: few.share },
  ] as const;
  const doubts = signs
    .filter(({ found, share }) => found.length > 0 && sum(found) >= share * requests)
    .map(({ sign, found }) => ({ sign, requests: sum(found), addresses: found.length }));
  return { requests, addresses: sorted.length, largest: sorted.slice(0, 10), doubts };
}

/**
 * The address of the client in a line of an access log, behind the `[pod] ` that kubectl puts before it: of Envoy as Sluice writes it (JSON or text), or of one
 * whose lines begin with the address, as that of nginx. Undefined: it names none.
 */
export function addressOf(line: string): string | undefined {
  const text = line.replace(/^\[[^\]]*\] /, '').trim();
  const found = text.startsWith('{') ? fromJson(text) : (/(?:^|\s)client=(\S+)/.exec(text)?.[1] ?? text.split(' ', 1)[0]);
  return found !== undefined && isIP(found) !== 0 ? found : undefined;
}

function fromJson(text: string): string | undefined {
  try {
    const { client, remote_addr } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return [client, remote_addr].find((one) => typeof one === 'string');
  } catch {
    return undefined;
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', length = ''] = network.split('/');
    list.addSubnet(base, Number(length), familyOf(base));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function sum(all: readonly { readonly requests: number }[]): number {
  return all.reduce((total, { requests }) => total + requests, 0);
}
