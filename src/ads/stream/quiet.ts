import { type ResourceType, typeUrls } from '../../resource.ts';
import type { StreamEvent } from './event.ts';
import type { XdsRequest } from './request.ts';
import type { StreamState } from './stream-state.ts';
import { holdsBack, isAtRest } from './subscription.ts';

// A stream is quiet while nothing is to be said, under way, refused or to be removed of any type but endpoints. Nearly all streams
// are, nearly all of the time; and what happens most often, changed endpoints and their ACK, can then not concern another type.
// To look at these all the same would cost more than all that is done about the endpoints, as a thousand streams fit no cache.

const otherTypes = ['secrets', 'clusters', 'listeners', 'routes'] as const satisfies readonly ResourceType[];

/** Whether a stream is quiet, once all of its types were looked at. */
export function hasNothingButEndpoints({ subscriptions, warming }: StreamState): boolean {
  return warming.length === 0 && otherTypes.every((type) => isSilent(subscriptions[type]));
}

function isSilent(subscription: StreamState['subscriptions'][ResourceType]): boolean {
  return isAtRest(subscription, true) && subscription.pending.length === 0 && !holdsBack(subscription);
}

/** Whether a stream that is quiet stays so, whatever else follows from an event. */
export function concernsEndpointsAlone(state: StreamState, event: StreamEvent): boolean {
  if (event.type === 'request') return state.subscriptions.endpoints.requested && isAckOfEndpoints(state, event.request);
  if (event.type === 'woken' || !event.change || !state.snapshot) return false;
  for (const type of otherTypes) if (event.change[type]) return false;
  return event.snapshot.revision === state.snapshot.revision;
}

/** Whether it accepts an answer and asks for nothing else than before. */
function isAckOfEndpoints({ subscriptions: { endpoints } }: StreamState, request: XdsRequest): boolean {
  if (request.typeUrl !== typeUrls.endpoints || request.error !== undefined || request.nonce === '') return false;
  return request.protocol === 'sotw' ? request.names === endpoints.listed : request.subscribe.length + request.unsubscribe.length === 0;
}
