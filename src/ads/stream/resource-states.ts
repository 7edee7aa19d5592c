import { type Resource, type ResourceType, resourceTypes } from '../../resource.ts';
import { type Held, isWhole } from './held.ts';
import type { StreamState } from './stream-state.ts';
import { hasSent, isHeldBack, type Subscription, wanted } from './subscription.ts';

/**
 * How far a client is with one resource: it acknowledged what it was sent, and there is nothing newer, or there is and that was
 * not sent yet; it has not answered, refused something newer, was not sent any version yet, or asks for what does not exist.
 */
export type ResourceProgress = 'acked' | 'outdated' | 'pending' | 'refused' | 'notSent' | 'missing';

/** One resource of one client, or a name that it asks for. */
export interface ResourceState {
  readonly type: ResourceType;
  readonly name: string;
  readonly progress: ResourceProgress;
  /** What the client has, or will have once it has read all that was sent; undefined: nothing. */
  readonly version?: string;
  /** The resource of that version; undefined also where the client brought it from an earlier stream and it is not served any more. */
  readonly resource?: Resource;
  /** When what is not answered yet was sent, in milliseconds since 1970. */
  readonly sentAt?: number;
  /** `at` and `message` are undefined where another refusal came after this one. */
  readonly refusal?: { readonly version: string; readonly at?: number; readonly message?: string };
}

/** How far the client of a stream is with everything that it asks for, by type. */
export function resourceStates(state: StreamState): readonly ResourceState[] {
  return resourceTypes.flatMap((type) => (state.subscriptions[type].requested ? statesOf(state, state.subscriptions[type]) : []));
}

function statesOf(state: StreamState, subscription: Subscription): ResourceState[] {
  const { snapshot } = state;
  const { type, held, names, pins } = subscription;
  const served = snapshot?.resources[type];
  const found = [...held.entries()].map(([name, has]) => ofHeld(state, subscription, name, has, served?.get(name)));
  const has = (name: string): boolean => held.has(name) || pins.has(name);
  for (const name of pins.keys()) if (!held.has(name)) found.push({ type, name, progress: 'refused', ...refusalOf(state, subscription, name) });
  if (snapshot) for (const name of wanted(subscription, snapshot).keys()) if (!has(name)) found.push({ type, name, progress: 'notSent' });
  for (const name of names.keys()) if (!has(name) && !served?.has(name)) found.push({ type, name, progress: snapshot ? 'missing' : 'notSent' });
  return found;
}

function ofHeld(state: StreamState, subscription: Subscription, name: string, held: Held, served: Resource | undefined): ResourceState {
  const { type, pending } = subscription;
  const isNewest = served?.version === held.version;
  const resource = isWhole(held) ? held : isNewest ? served : undefined;
  const has = { type, name, version: held.version, ...(resource ? { resource } : {}) };
  if (isHeldBack(subscription, name)) return { ...has, progress: 'refused', ...refusalOf(state, subscription, name) };
  const answer = pending.find((one) => hasSent(one, name));
  if (answer) return { ...has, progress: 'pending', sentAt: answer.sentAt };
  // What is not served any more stays until nothing uses it: there is nothing newer of it.
  return { ...has, progress: served && !isNewest ? 'outdated' : 'acked' };
}

/** The words are those of the last refusal, where that was of this resource. */
function refusalOf({ lastNack }: StreamState, { type, pins, mended }: Subscription, name: string): Pick<ResourceState, 'refusal'> {
  const version = pins.get(name)?.refused ?? mended.get(name) ?? '';
  const isLast = lastNack?.type === type && lastNack.resources.some((one) => one.name === name);
  return { refusal: { version, ...(isLast ? { at: lastNack.at, message: lastNack.message } : {}) } };
}
