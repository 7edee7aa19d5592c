import { isIP } from 'node:net';
import { type Condition, timedConditions, type WantedCondition } from './condition.ts';
import { controllerName, type Entry, mergedEntries } from './entries.ts';
import type { Reference, Said, SaidOfListener } from './said.ts';

/** How many entries the lists that belong to several controllers may have. */
const rooms = { parents: 32, ancestors: 16 };
/** How many addresses a Gateway may have. */
const mostAddresses = 16;

interface LiveStatus {
  readonly conditions?: readonly Condition[];
  readonly addresses?: readonly unknown[];
  readonly listeners?: readonly { readonly name: string; readonly conditions?: readonly Condition[] }[];
  readonly parents?: readonly Entry<{ readonly parentRef: Reference }>[];
  readonly ancestors?: readonly Entry<{ readonly ancestorRef: Reference }>[];
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
}

/**
 * The fields of `status` that are to be applied.
 * @param live the status that is there: times of what does not change, and entries of others, are taken from it.
 * @param now milliseconds since 1970.
 */
export function statusBody(said: Said, live: Readonly<Record<string, unknown>>, now: number): Readonly<Record<string, unknown>> {
  const { conditions = [], addresses, listeners = [], parents = [], ancestors = [], loadBalancer } = live as LiveStatus;
  switch (said.type) {
    case 'conditions':
      return { conditions: timedConditions(conditions, said.conditions, now) };
    case 'gateway':
      return {
        conditions: timedConditions(conditions, said.conditions, now),
        listeners: said.listeners.map((one) => listenerBody(one, listeners, now)),
        ...addressesBody(said.addresses, addresses),
      };
    case 'parents':
      return { parents: mergedEntries(parents, said.entries, ({ parentRef }) => parentRef, rooms.parents, now).entries };
    case 'ancestors':
      return { ancestors: mergedEntries(ancestors, said.entries, ({ ancestorRef }) => ancestorRef, rooms.ancestors, now).entries };
    case 'loadBalancer':
      return { loadBalancer: loadBalancerBody(said.addresses, loadBalancer) };
  }
}

function listenerBody(
  said: SaidOfListener,
  live: LiveStatus['listeners'],
  now: number,
): Omit<SaidOfListener, 'conditions'> & { readonly conditions: readonly Condition[] } {
  const known = live?.find(({ name }) => name === said.name)?.conditions ?? [];
  return { ...said, conditions: timedConditions(known, said.conditions, now) };
}

/** What is not said again would be removed by server-side apply. */
function addressesBody(said: readonly string[] | undefined, live: LiveStatus['addresses']): { readonly addresses?: readonly unknown[] } {
  if (said) return { addresses: said.slice(0, mostAddresses).map(addressBody) };
  return live ? { addresses: live } : {};
}

/** An API server keeps no empty list here: to say it where there is none would be to say it again and again. */
function loadBalancerBody(said: readonly string[], live: LiveStatus['loadBalancer']): { readonly ingress?: readonly unknown[] } {
  if (said.length === 0 && !live?.ingress?.length) return {};
  return { ingress: said.map((one) => (isIP(one) ? { ip: one } : { hostname: one })) };
}

function addressBody(value: string): { readonly type: string; readonly value: string } {
  return { type: isIP(value) ? 'IPAddress' : 'Hostname', value };
}

/** The generation of an object that its status says to be in force. Undefined: it says that of none. */
export function programmedIn(live: Readonly<Record<string, unknown>>): number | undefined {
  const { conditions = [], parents = [] } = live as LiveStatus;
  const ours = parents.filter((entry) => entry.controllerName === controllerName).map((entry) => entry.conditions);
  const all: readonly (readonly WantedCondition[])[] = ours.length > 0 ? ours : [conditions];
  const generations = all.map((one) => one.find(({ type, status }) => type === 'Programmed' && status === 'True')?.observedGeneration);
  const [first] = generations;
  return generations.every((one) => one === first) ? first : undefined;
}
