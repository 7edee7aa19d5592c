import type { Resource } from '../../resource.ts';
import { pieceText } from '../../revision/quarantine.ts';
import { blamed } from '../refusal/refusal.ts';
import { blame } from './blame.ts';
import type { Effect } from './effect.ts';
import { type Held, isSearchable } from './held.ts';
import { nameMap } from './names.ts';
import { sourceOf } from './offer.ts';
import { bound } from './place.ts';
import type { XdsRequest } from './request.ts';
import { mostRefusals, type Suspect, split } from './search.ts';
import { tellsAll } from './sotw.ts';
import type { Nack } from './status.ts';
import type { StreamState } from './stream-state.ts';
import { type Changes, changesOf, hasSent, isHeldBack, noAnswers, type PendingAnswer, type Subscription } from './subscription.ts';
import { fedAll, secretsTaken, startWarming, warmedAll } from './warming.ts';

/**
 * Takes the ACK or NACK that a request brings.
 * In state of the world a nonce covers all answers up to its own, as Envoy replies only to the newest; in delta each has its own.
 * @returns what it tells, undefined where that is nothing; `stale` where the whole request must be ignored.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ack-nack-and-resource-type-instance-version
 */
export function takeReply(state: StreamState, subscription: Subscription, request: XdsRequest, now: number): Effect | 'stale' | undefined {
  const { pending } = subscription;
  const index = pending.findIndex(({ nonce }) => nonce === request.nonce);
  if (index < 0) return isStale(subscription, request) ? 'stale' : undefined;
  const covered = pending.slice(request.protocol === 'sotw' ? 0 : index, index + 1);
  subscription.pending = pending.length === covered.length ? noAnswers : pending.filter((answer) => !covered.includes(answer));
  subscription.replied = true;
  state.repliedTo = Math.max(state.repliedTo, Number(request.nonce));
  const afterMs = now - (covered.at(-1)?.sentAt ?? now);
  if (request.error !== undefined) return { type: 'nacked', nack: refuse(state, subscription, covered, request.error, now) };
  if (subscription.type === 'clusters') for (const { nonce, sent } of covered) warmedAll(state, nonce, sent);
  if (subscription.type === 'endpoints') for (const answer of covered) endpointsTaken(state, answer, now);
  if (subscription.type === 'secrets') secretsTaken(state, now);
  if (subscription.type === 'listeners' && state.unbound.size > 0) for (const { sent } of covered) for (const { name } of sent) bound(state, name);
  if (subscription.search.waiting.length === 0) endSearch(state, subscription);
  const { lastNack } = state;
  // It took what it refused before, at another try.
  if (lastNack?.type === subscription.type && !lastNack.resources.some(({ name }) => isHeldBack(subscription, name))) state.lastNack = undefined;
  const changedAt = covered.find((answer) => answer.changedAt !== undefined)?.changedAt;
  return { type: 'acked', resourceType: subscription.type, afterMs, ...(changedAt === undefined ? {} : { event: { at: changedAt, agoMs: now - changedAt } }) };
}

/** What was refused is known: the last refusal tells of nothing else any more. */
function endSearch(state: StreamState, { type, search, dirty }: Subscription): void {
  const { lastNack, refusals } = state;
  search.refusals = 0;
  // They were tried in bytes of their own.
  if (type === 'secrets') for (const name of search.goods.keys()) dirty.add(name);
  // To clear an empty map makes a new one.
  search.goods.clear();
  if (!lastNack?.isSearching || lastNack.type !== type) return;
  const resources = refusals
    .list()
    .filter((refusal) => refusal.type === type)
    .map(({ name, version, origins, piece }) => ({ name, version, origins, ...(piece ? { piece: pieceText(name, piece) } : {}) }));
  state.lastNack = { ...lastNack, resources, isSearching: false };
}

/** In delta a subscription counts whatever its nonce; in state of the world the client says it again with its next reply. */
function isStale(subscription: Subscription, { protocol, nonce }: XdsRequest): boolean {
  if (protocol === 'delta' || nonce === '') return false;
  return nonce !== subscription.lastNonce || subscription.pending.length > 0;
}

/**
 * Clusters that were sent before these endpoints and wait for nothing else are warm now. Where a newer form is under way it is not known
 * which one took them; that form comes with endpoints of its own.
 */
function endpointsTaken(state: StreamState, { nonce, sent }: PendingAnswer, now: number): void {
  if (state.warming.length === 0) return;
  const newer = state.subscriptions.clusters.pending.filter((answer) => Number(answer.nonce) > Number(nonce));
  fedAll(state, newer.length === 0 ? sent : sent.filter(({ name }) => !newer.some((answer) => hasSent(answer, name))), now);
}

/** How Envoy begins when it went through a list one by one, and applied whatever it does not name. */
const oneByOne = 'Error adding/updating';

/**
 * Of clusters and listeners that it can read, Envoy applies the good ones though it refuses the answer. But where one breaks a
 * field rule it reads none of that answer, and in delta nobody would tell it of the good ones again: they are owed anew.
 * What its words name goes back to what the client had; where they name nothing, all that was new or different does, and is
 * searched.
 */
function refuse(state: StreamState, subscription: Subscription, covered: readonly PendingAnswer[], message: string, now: number): Nack {
  const changed = merge(covered);
  const candidates = [...changed].filter(([name, { sent }]) => !isRestored(subscription, name, sent)).map(([name]) => name);
  // A list that was sent before its predecessor was refused holds the same bad one again, though it may not be wanted any more.
  const refusedBefore = covered.flatMap((answer) => answer.refusedBefore ?? []);
  const inWords = blamed(message, [...changed.keys(), ...subscription.pins.keys(), ...refusedBefore])?.filter((name) => changed.has(name));
  const isAlone = candidates.length === 1 && refusedBefore.every((name) => candidates.includes(name));
  const named = inWords ?? (isAlone ? candidates : knownAmong(state, changed));
  const guilty = named ?? (candidates.length > 0 ? candidates : [...changed.keys()]);
  const isSearched = !named && candidates.length > 0 && subscription.search.refusals < mostRefusals;
  subscription.search.refusals += named ? 0 : 1;
  const isList = state.identity.protocol === 'sotw' && tellsAll(subscription);
  if (isList) for (const later of subscription.pending) later.refusedBefore = [...(later.refusedBefore ?? []), ...guilty, ...refusedBefore];
  const resources: Nack['resources'][number][] = [];
  const suspects: Suspect[] = [];
  const doubtful: string[] = [];
  const doubt = (name: string): void => {
    subscription.held.set(name, unsure());
    subscription.dirty.add(name);
    doubtful.push(name);
  };
  const again = mayHaveMadeWay(subscription, changed, guilty, message);
  for (const name of guilty) {
    const change = changed.get(name);
    if (!change) continue;
    const { sent } = change;
    const before = isUnsure(change.before) ? subscription.search.goods.get(name) : change.before;
    const source = sourceOf(sent);
    if (again) {
      takeBack(subscription, sent.name, before);
      resources.push({ name, version: source.version, origins: source.origins });
      continue;
    }
    const what = { name, version: source.version, origins: source.origins };
    const isDoubtful = !named || isUnsure(change.before) || (subscription.type === 'secrets' && before !== undefined);
    if (isUnderWay(subscription, name, isDoubtful ? unsure() : before)) {
      resources.push(what);
      continue;
    }
    // Where several forms were refused at once, or others of the answer may be good, the client may have another one than before. Of a
    // secret it goes on with the old form, and gives whatever asks for it next the one that it refused.
    if (isDoubtful || covered.filter((answer) => hasSent(answer, name)).length > 1) doubt(name);
    else takeBack(subscription, sent.name, before);
    if (isRestored(subscription, name, sent))
      subscription.pins.set(name, { refused: subscription.pins.get(name)?.refused ?? '', good: undefined, state: 'refused' });
    else if (isSearched) {
      subscription.pins.set(name, { refused: source.version, good: before, state: 'waiting' });
      subscription.search.goods.set(name, before);
      suspects.push({ name });
      resources.push(what);
    } else {
      const piece = blame(state, subscription, { source, sent, before, message, isAlone: guilty.length === 1 });
      resources.push({ ...what, ...(piece ? { piece } : {}) });
    }
  }
  // Of what was sent only to restore it, nobody knows whether it was taken.
  if (!named) for (const [name, { sent }] of changed) if (!guilty.includes(name) && isRestored(subscription, name, sent)) doubt(name);
  split(subscription.search, suspects);
  if (subscription.type === 'clusters') {
    for (const { nonce, sent } of covered) warmedAll(state, nonce, sent);
    startWarming(state, '', nameMap(doubtful), now);
  }
  if (!message.includes(oneByOne)) {
    for (const [name, { before }] of changed) if (!guilty.includes(name)) takeBack(subscription, name, before);
    for (const { removed } of covered) for (const [name, before] of removed ?? []) takeBack(subscription, name, before);
  }
  // Told again without the bad ones, a full list is acknowledged, and the ACK says when the good ones are warm.
  if (isList && resources.length > 0) subscription.owed = true;
  const nack: Nack = { at: now, type: subscription.type, message, resources, isSearching: subscription.search.waiting.length > 0 };
  state.lastNack = nack;
  return nack;
}

/** Whether it was sent only since the client may have lost it, in a refused answer with others. */
function isRestored({ pins }: Subscription, name: string, sent: Resource): boolean {
  return pins.get(name)?.good?.version === sent.version;
}

/** What a client has under a name after a refusal that does not tell: good bytes must be sent again, and a removal be told. */
const unsure = (): Held => ({ version: unsureVersion });
const unsureVersion = 'unsure';
const isUnsure = (held: Held | undefined): boolean => held?.version === unsureVersion;

/**
 * Whether a newer form of what was refused is under way already: its own reply decides on it.
 * @param kept what the client has instead of what was refused, and what the newer form replaces.
 */
function isUnderWay({ pending }: Subscription, name: string, kept: Held | undefined): boolean {
  const answer = pending.find((each) => hasSent(each, name));
  if (!answer) return false;
  if (kept) answer.before.set(name, kept);
  else answer.before.delete(name);
  return true;
}

/** What another client of the same version was found to refuse meanwhile. */
function knownAmong({ refusals }: StreamState, changed: Changes): readonly string[] | undefined {
  const known = [...changed].filter(([, { sent, before }]) => refusals.whole(sourceOf(sent), isSearchable(before))).map(([name]) => name);
  return known.length > 0 ? known : undefined;
}

/**
 * Whether a listener may have left its address to one that was refused since it came first in the same answer. That one is
 * worth another try; alone in its answer, it is the last. A listener that was sent only to restore it left nothing.
 */
function mayHaveMadeWay(subscription: Subscription, changed: Changes, guilty: readonly string[], message: string): boolean {
  if (subscription.type !== 'listeners' || !message.includes(oneByOne)) return false;
  return [...changed].some(([name, { sent, before }]) => before !== undefined && !isRestored(subscription, name, sent) && !guilty.includes(name));
}

/** The client did not take what it was told of a name: it has what it had, and the rest is to be sent again. */
function takeBack(subscription: Subscription, name: string, before: Held | undefined): void {
  if (isUnderWay(subscription, name, before)) return;
  if (before) subscription.held.set(name, before);
  else subscription.held.delete(name);
  subscription.dirty.add(name);
}

/** What was new or different in several answers: the last form sent, and what the client had before all of them. */
function merge(covered: readonly PendingAnswer[]): Changes {
  const merged = new Map<string, { sent: Resource; before: Held | undefined }>();
  for (const answer of covered) {
    for (const [name, { sent, before }] of changesOf(answer)) merged.set(name, { sent, before: merged.has(name) ? merged.get(name)?.before : before });
  }
  return merged;
}
