import { createSlot } from '../../memo/slot.ts';
import type { Resource } from '../../resource.ts';
import { clustersOfRoute } from '../../revision/references.ts';
import { type RoutePiece, routePieces, withPieces } from '../../revision/route-pieces.ts';
import { standInPiece, takesPlainPath } from '../../revision/stand-in-piece.ts';
import { formOf } from '../refusal/refusals.ts';
import { type Held, isSearchable, isWhole } from './held.ts';
import type { StreamState } from './stream-state.ts';
import type { Pin, Subscription } from './subscription.ts';
import { toldAnew } from './told-anew.ts';

// A mended form is made of one resource only.
const sources = createSlot<Resource, Resource>();

/** The resource that a form was made of: itself where nothing of it is replaced. */
export function sourceOf(sent: Resource): Resource {
  return sources.get(sent) ?? sent;
}

/**
 * What a client is given for a resource that it shall have: the resource; a route configuration in which pieces are replaced; a secret
 * in other bytes, while it is searched for; or the last good form, undefined where there is none.
 */
export function offerFor(state: StreamState, subscription: Subscription, wanted: Resource): Held | undefined {
  const pin = pinOf(state, subscription, wanted);
  if (pin) {
    subscription.mended.delete(wanted.name);
    return pin.good;
  }
  const offered = wanted.type === 'routes' ? mendedRoutes(state, subscription, wanted) : wanted.type === 'secrets' ? trialOf(subscription, wanted) : wanted;
  if (offered === wanted) subscription.mended.delete(wanted.name);
  else {
    subscription.mended.set(wanted.name, wanted.version);
    sources.set(offered, wanted);
  }
  return offered;
}

/** A secret that was refused together with others is tried in bytes that its client has not seen. */
function trialOf({ search }: Subscription, secret: Resource): Resource {
  return search.goods.has(secret.name) ? toldAnew(secret, search.refusals) : secret;
}

/** A pin falls when another version is wanted. What a client of the same version refused, this one is not sent. */
function pinOf(state: StreamState, subscription: Subscription, wanted: Resource): Pin | undefined {
  const { pins, held } = subscription;
  const { name, version } = wanted;
  const pin = pins.get(name);
  if (pin?.refused === version) return pin;
  if (pin) dropPin(state, subscription, name);
  const has = held.get(name);
  if (!state.refusals.whole(wanted, isSearchable(has)) || has?.version === version) return undefined;
  const known: Pin = { refused: version, good: has, state: 'refused' };
  pins.set(name, known);
  return known;
}

/** Nothing is held back under this name any more. Routes that were, for want of a cluster, may go to it again. */
export function dropPin({ subscriptions: { routes } }: StreamState, { type, pins }: Subscription, name: string): void {
  if (!pins.delete(name) || type !== 'clusters') return;
  for (const table of routes.mended.keys()) routes.dirty.add(table);
}

function mendedRoutes(state: StreamState, { held, waitingPieces }: Subscription, wanted: Resource): Resource {
  const { refusals } = state;
  const waiting = waitingPieces.get(wanted.name);
  const gone = leftOutClusters(state);
  if (!waiting && gone.size === 0) return refusals.mended(wanted);
  const has = held.get(wanted.name);
  const before = has && isWhole(has) ? routePieces(has) : undefined;
  const forms = new Map<string, readonly Uint8Array[]>();
  for (const piece of routePieces(wanted).values()) {
    const refusal = refusals.ofPiece(wanted.name, piece);
    const last = before?.get(piece.key);
    if (refusal) forms.set(piece.key, formOf(refusal));
    else if (waiting?.get(piece.key) === piece.version) forms.set(piece.key, last?.parts ?? (before ? [] : formForNew(piece)));
    else if (last && last.version !== piece.version && goesTo(piece, gone) && !goesTo(last, gone)) forms.set(piece.key, last.parts);
  }
  return withPieces(wanted, forms);
}

/** Clusters that the client refused and has no form of: routes that went elsewhere go on going there. */
function leftOutClusters({ subscriptions: { clusters } }: StreamState): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, { good, state }] of clusters.pins) if (!good && state === 'refused') names.add(name);
  return names;
}

function goesTo({ type, parts }: RoutePiece, clusters: ReadonlySet<string>): boolean {
  return type === 'route' && clusters.size > 0 && parts.some((entry) => [...clustersOfRoute(entry)].some((name) => clusters.has(name)));
}

/**
 * A piece that waits to be tried is not there yet where the client has the route configuration in an older form. One that has none
 * gets 503 in its place, since another route could open what this one is meant to close; where its match itself may be what is
 * refused, nothing: no listener serves before its routes came.
 */
function formForNew(piece: RoutePiece): readonly Uint8Array[] {
  return piece.type !== 'route' || takesPlainPath(piece) ? standInPiece(piece) : [];
}
