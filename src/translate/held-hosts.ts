import { coveringNames, intersection } from './hostname.ts';

/** Who has which host names. */
export interface HeldHosts<Holder> {
  /** The first who took a name that has requests in common with one of these; undefined: nobody did. */
  holderOf(hosts: readonly string[]): Holder | undefined;
  take(hosts: readonly string[], holder: Holder): void;
}

/** Nobody has any. A name is looked up, not compared with all others, unless it is a wildcard. */
export function createHeldHosts<Holder>(): HeldHosts<Holder> {
  /** By name the first who took it, and when. */
  const held = new Map<string, { readonly holder: Holder; readonly order: number }>();
  let takes = 0;
  const below = (host: string): readonly string[] => (host.startsWith('*') ? [...held.keys()].filter((name) => intersection(host, name) !== undefined) : []);
  return {
    holderOf(hosts) {
      const found = hosts.flatMap((host) => [...coveringNames(host), ...below(host)]).flatMap((name) => held.get(name) ?? []);
      return found.toSorted((a, b) => a.order - b.order)[0]?.holder;
    },
    take(hosts, holder) {
      const order = takes++;
      for (const host of hosts) if (!held.has(host)) held.set(host, { holder, order });
    },
  };
}
