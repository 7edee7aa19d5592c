// Where to begin with this folder. `request` and `answer` are what comes and goes, `subscription` and `stream-state` what is known,
// `effect` what a step asks for. `step` below takes an event: a request is read by `sotw` or `delta`, with the ACK or NACK in it by
// `reply`; then `push` compares what the client has with what it should have, and sends what `order` allows. `connection` puts a
// stream on a socket, `server` holds all connections. The rest is one question each, named by its file.
import { type ResourceType, resourceTypes, type Snapshot, type SnapshotChange, typeUrls } from '../../resource.ts';
import { revisionAcked } from './acknowledged.ts';
import { subscribeDelta } from './delta.ts';
import type { Effect } from './effect.ts';
import type { Lane, StreamEvent } from './event.ts';
import { type Acknowledged, acknowledgedOf, mayHave } from './holdings.ts';
import { rememberLeaving } from './leaving.ts';
import { createNameSet, noNames, settleNames } from './names.ts';
import { nodeStatus } from './node-status.ts';
import { postponeRemovals, scheduleRemovals, wakeAt } from './order.ts';
import { tryUnbound } from './place.ts';
import { announce, nextAnswer } from './push.ts';
import { concernsEndpointsAlone, hasNothingButEndpoints } from './quiet.ts';
import { overdueClusters } from './reminder.ts';
import { takeReply } from './reply.ts';
import type { XdsRequest } from './request.ts';
import { type ResourceState, resourceStates } from './resource-states.ts';
import { subscribeSotw } from './sotw.ts';
import { holdStandIns } from './stand-in.ts';
import type { NodeStatus } from './status.ts';
import { createStreamState, type StreamIdentity, type StreamState } from './stream-state.ts';
import { forget, mark, markAll, noAnswers, type Subscription, wants } from './subscription.ts';
import { assumeClusters } from './unasked.ts';

/** One xDS stream without its socket: the same events at the same times give the same effects. */
export interface Stream {
  /**
   * @param now milliseconds of a clock that never jumps, as `Clock.steady`; all times that the stream tells are by it.
   * @param lane undefined: all.
   */
  step(event: StreamEvent, now: number, lane?: Lane): readonly Effect[];
  /** When `woken` is due, undefined for never. May change with every step. */
  wakeAt(): number | undefined;
  /** @param reason why there is no snapshot; ignored where there is one. */
  status(now: number, reason: string): NodeStatus;
  /** How far its client is with each resource. */
  resources(): readonly ResourceState[];
  /** What its client has acknowledged of a type. */
  acknowledged(type: ResourceType): readonly Acknowledged[];
  /** Whether its client has a resource, or may have it. */
  mayHave(type: ResourceType, name: string): boolean;
}

/**
 * Makes the state machine of a stream, aggregated or of a single type, in either protocol.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 */
export function createStream(identity: StreamIdentity): Stream {
  const state = createStreamState(identity);
  return {
    step(event, now, lane = 'all') {
      const effects: Effect[] = [];
      state.now = now;
      if (!concernsEndpointsAlone(state, event)) state.isQuiet = false;
      if (event.type === 'request') onRequest(state, event.request, now, effects);
      else if (event.type === 'snapshot') {
        onSnapshot(state, event.snapshot, event.change);
        if (event.publishedAt !== undefined) noteEvent(state, event.snapshot, event.change, event.publishedAt);
      } else silence(state, now, effects);
      if (effects.at(-1)?.type !== 'close') push(state, now, lane, effects);
      return effects;
    },
    wakeAt: () => wakeAt(state),
    status: (now, reason) => nodeStatus(state, now, reason),
    resources: () => resourceStates(state),
    acknowledged: (type) => acknowledgedOf(state, type),
    mayHave: (type, name) => mayHave(state, type, name),
  };
}

const invalid = (message: string): Effect => ({ type: 'close', code: 'INVALID_ARGUMENT', message });
/** A client that makes up type URLs must not fill the memory. */
const mostForeignTypes = 32;

// Each of these adds what is to be done to `effects`: lists that are made and joined in every step are what a step would cost most.
function onRequest(state: StreamState, request: XdsRequest, now: number, effects: Effect[]): void {
  const { only } = state.identity;
  if (!state.node) {
    if (!request.node?.id) {
      effects.push(invalid('the first message of a stream must say node.id'));
      return;
    }
    state.node = request.node;
    const { group, agent } = request.node;
    state.refusals = state.identity.refusalsOf?.(group, agent) ?? state.refusals;
    effects.push({ type: 'identified', node: request.node });
  }
  const typeUrl = request.typeUrl === '' && only ? typeUrls[only] : request.typeUrl;
  const type = resourceTypes.find((candidate) => typeUrls[candidate] === typeUrl);
  if (typeUrl === '') effects.push(invalid('a message on an aggregated stream must say its type_url'));
  else if (only && type !== only) effects.push(invalid(`this stream serves ${typeUrls[only]}, not ${typeUrl}`));
  else if (type) onSubscription(state, state.subscriptions[type], request, now, effects);
  else foreign(state, typeUrl, effects);
}

/** Never answered, as the client may ask more than one server; the stream stays open for the types that are served. */
function foreign({ foreignTypes }: StreamState, typeUrl: string, effects: Effect[]): void {
  if (foreignTypes.has(typeUrl) || foreignTypes.size >= mostForeignTypes) return;
  foreignTypes.add(typeUrl);
  effects.push({ type: 'ignored', reason: `resources of the type ${typeUrl} are not served` });
}

function onSubscription(state: StreamState, subscription: Subscription, request: XdsRequest, now: number, effects: Effect[]): void {
  if (request.nonce !== '') {
    const reply = takeReply(state, subscription, request, now);
    if (reply === 'stale') return;
    if (reply) effects.push(reply);
  }
  const first = !subscription.requested;
  const wasWildcard = subscription.wildcard;
  if (request.protocol === 'delta') subscribeDelta(subscription, request, state.snapshot);
  else {
    // Without a nonce after an ACK, a client of state of the world has dropped what it had and begins anew.
    if (request.nonce === '' && subscription.replied) beginAnew(subscription);
    subscribeSotw(subscription, request);
    if (first && subscription.type === 'clusters') state.returning = !state.identity.only && request.version !== undefined;
  }
  const { names } = state.identity.limits;
  if (subscription.names.size > names) {
    effects.push({ type: 'close', code: 'RESOURCE_EXHAUSTED', message: `more than ${names} names of ${subscription.type}` });
    return;
  }
  if (first && subscription.type === 'endpoints') {
    takeAnnounced(state);
    assumeClusters(state);
  }
  if (request.protocol === 'sotw') holdStandIns(state);
  if (state.snapshot) settleNames(subscription.names, subscription.type, state.snapshot);
  if (first || wasWildcard !== subscription.wildcard) markAll(subscription);
  if (first && (subscription.type === 'listeners' || subscription.type === 'routes')) postponeRemovals(state);
}

function beginAnew(subscription: Subscription): void {
  subscription.pending = noAnswers;
  subscription.replied = false;
  subscription.wildcard = false;
  subscription.explicit = false;
  for (const name of [...subscription.names.keys(), ...subscription.held.keys()]) forget(subscription, name);
  subscription.listed = noNames;
}

/** Endpoints of clusters that were sent before this first question are wanted anew. */
function takeAnnounced(state: StreamState): void {
  const { held } = state.subscriptions.endpoints;
  if (held.size > 0) for (const name of state.announced.keys()) held.delete(name);
  state.announced = createNameSet();
}

function onSnapshot(state: StreamState, snapshot: Snapshot, change: SnapshotChange | undefined): void {
  const before = state.snapshot;
  const known = before !== undefined && change !== undefined;
  rememberLeaving(state, snapshot, change?.endpoints);
  state.snapshot = snapshot;
  for (const type of resourceTypes) {
    const names = change?.[type];
    if (known && !names && snapshot.resources[type] === before?.resources[type]) continue;
    const subscription = state.subscriptions[type];
    if (!subscription.requested) continue;
    subscription.held.settle(snapshot.resources[type]);
    // A group that was away and came back is told as all new: what went meanwhile is not in the change.
    const isAll = !known || (names !== undefined && names.length >= snapshot.resources[type].size);
    if (isAll) markAll(subscription);
    else if (names) mark(subscription, names);
  }
  const { lastNack } = state;
  if (lastNack && !lastNack.resources.some(({ name, version }) => snapshot.resources[lastNack.type].get(name)?.version === version)) state.lastNack = undefined;
}

/** Endpoints that the client has and that changed: the time until it takes the new ones is measured. */
function noteEvent({ subscriptions: { endpoints } }: StreamState, { resources }: Snapshot, change: SnapshotChange | undefined, publishedAt: number): void {
  const isEvent = (change?.endpoints ?? []).some((name) => {
    const [has, wanted] = [endpoints.held.get(name), resources.endpoints.get(name)];
    return has && wanted && has.version !== wanted.version && wants(endpoints, name);
  });
  if (isEvent) endpoints.changedAt ??= publishedAt;
}

/** A client that took an answer and says nothing to it: with a new stream both know again where they are. */
function silence({ identity, subscriptions }: StreamState, now: number, effects: Effect[]): void {
  const { replyMs } = identity.limits;
  for (const type of resourceTypes) {
    const oldest = subscriptions[type].pending[0];
    if (type === 'clusters' || !oldest || now - oldest.sentAt < replyMs) continue;
    effects.push({ type: 'close', code: 'DEADLINE_EXCEEDED', message: `no ACK or NACK of ${type} within ${replyMs} ms` });
    return;
  }
}

/** What is referred to comes before what refers to it; endpoints directly after their clusters. */
const additionOrder = ['secrets', 'clusters', 'endpoints', 'listeners', 'routes'] as const satisfies readonly ResourceType[];
const endpointsAlone = ['endpoints'] as const satisfies readonly ResourceType[];
const removalOrder = ['listeners', 'routes', 'clusters', 'endpoints', 'secrets'] as const satisfies readonly ResourceType[];

function push(state: StreamState, now: number, lane: Lane, effects: Effect[]): void {
  const { subscriptions, isQuiet } = state;
  if (!state.snapshot || lane === 'none') return;
  const isShort = isQuiet || lane === 'endpoints';
  if (!isQuiet) {
    if (state.unbound.size > 0) tryUnbound(state, now);
    const overdue = overdueClusters(state, now);
    if (overdue.length > 0) announce(state, state.snapshot, overdue);
  }
  for (const type of isShort ? endpointsAlone : additionOrder) answer(state, subscriptions[type], now, false, effects);
  if (isQuiet && subscriptions.endpoints.retired.size === 0) return;
  scheduleRemovals(state, now);
  if (lane === 'all') for (const type of isShort ? endpointsAlone : removalOrder) answer(state, subscriptions[type], now, true, effects);
  if (isQuiet) return;
  state.revisionAcked = revisionAcked(state);
  if (lane === 'all') state.isQuiet = hasNothingButEndpoints(state);
}

/** More than one where a single message would be too large. */
function answer(state: StreamState, subscription: Subscription, now: number, removing: boolean, effects: Effect[]): void {
  for (;;) {
    const next = nextAnswer(state, subscription, now, removing);
    if (!next) return;
    effects.push({ type: 'send', answer: next });
  }
}
