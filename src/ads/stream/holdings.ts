import type { Resource, ResourceType } from '../../resource.ts';
import { type Held, isWhole } from './held.ts';
import type { StreamState } from './stream-state.ts';
import { hasSent } from './subscription.ts';

/** What a client has acknowledged under a name, and has in force. */
export interface Acknowledged {
  readonly name: string;
  readonly version: string;
  /** Undefined: the client brought it from an earlier stream, and it is not served any more. */
  readonly resource?: Resource;
}

/** What a client has acknowledged of a type. Of what it was sent and has not answered, it has what it had before. */
export function acknowledgedOf({ subscriptions, snapshot }: StreamState, type: ResourceType): readonly Acknowledged[] {
  const { held, pending } = subscriptions[type];
  const served = snapshot?.resources[type];
  return [...held.entries()].flatMap(([name, has]) => {
    const open = pending.find((answer) => hasSent(answer, name));
    const acknowledged: Held | undefined = open ? open.before.get(name) : has;
    if (!acknowledged) return [];
    const newest = served?.get(name);
    const resource = isWhole(acknowledged) ? acknowledged : newest?.version === acknowledged.version ? newest : undefined;
    return [{ name, version: acknowledged.version, ...(resource ? { resource } : {}) }];
  });
}

/** Whether a client has, or may have, a resource of this name: a removal that is not acknowledged does not count yet. */
export function mayHave({ subscriptions }: StreamState, type: ResourceType, name: string): boolean {
  const { held, pending } = subscriptions[type];
  return held.get(name) !== undefined || pending.some(({ removed }) => removed?.has(name));
}
