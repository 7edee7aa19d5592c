import type { Resource } from '../../resource.ts';
import { pieceText } from '../../revision/quarantine.ts';
import { type RoutePiece, routePieces } from '../../revision/route-pieces.ts';
import { isStandIn } from '../../revision/stand-in-piece.ts';
import type { KnownRefusals } from '../refusal/refusals.ts';
import { type Held, isSearchable } from './held.ts';
import { isOfPlace, noteUnbound } from './place.ts';
import { mostRefusals, split } from './search.ts';
import type { StreamState } from './stream-state.ts';
import type { Subscription } from './subscription.ts';

/** A resource that was refused alone, or by name. */
interface Blamed {
  /** As it is wanted, and as it was sent: pieces of it may have been replaced. */
  readonly source: Resource;
  readonly sent: Resource;
  readonly before: Held | undefined;
  /** The client's words. */
  readonly message: string;
  /** Whether the words are about nothing else. */
  readonly isAlone: boolean;
}

/**
 * Holds back what a client refused: the one bad piece of a route configuration, once it is found; else the resource.
 * @returns the piece in words, where it is known to be one.
 */
export function blame(state: StreamState, subscription: Subscription, blamed: Blamed): string | undefined {
  const { source, before, message, isAlone } = blamed;
  const { type, name, version, origins } = source;
  const found = type === 'routes' ? blamePiece(state, subscription, blamed) : 'whole';
  if (found !== 'whole' && found !== 'unsearched') return found && pieceText(name, found);
  subscription.waitingPieces.delete(name);
  subscription.pins.set(name, { refused: version, good: before, state: 'refused' });
  const isLocal = isOfPlace(type, name, message, isAlone);
  if (isLocal) noteUnbound(state, name, version);
  const node = isLocal ? state.node?.id : undefined;
  const instead = before ? 'lastGood' : 'nothing';
  const isUnsearched = found === 'unsearched';
  state.refusals.note({ type, name, version, origins, instead, message, ...(node !== undefined && { node }), ...(isUnsearched && { isUnsearched }) });
  return undefined;
}

/**
 * @returns the piece that is refused; undefined: they are tried in smaller groups; `whole`: the route configuration is held back, as
 * nothing tells its pieces apart; `unsearched`: so it is, as the client brought it from an earlier stream.
 */
function blamePiece(
  state: StreamState,
  subscription: Subscription,
  { source, sent, before, message }: Blamed,
): RoutePiece | 'whole' | 'unsearched' | undefined {
  const { refusals } = state;
  const { search, dirty, waitingPieces } = subscription;
  if (!isSearchable(before)) return 'unsearched';
  if (search.refusals > mostRefusals) return 'whole';
  const { name, version, origins } = source;
  const has = before && routePieces(before);
  const wanted = routePieces(source);
  const isNew = ({ key, version }: RoutePiece): boolean => wanted.get(key)?.version === version && has?.get(key)?.version !== version;
  // A stand-in that is wanted itself, as the name of a configuration that says nothing else, can be replaced by nothing.
  const tried = [...routePieces(sent).values()].filter((piece) => isNew(piece) && !isStandIn(piece));
  const [first, ...more] = tried;
  if (!first) return withoutStandIns(refusals, source) ? undefined : 'whole';
  dirty.add(name);
  // Another client found it meanwhile: without it the rest is tried again.
  if (tried.some((piece) => refusals.ofPiece(name, piece))) return undefined;
  if (more.length === 0) {
    const last = has?.get(first.key);
    const good = last && !isStandIn(last) ? ({ instead: 'lastGood', good: last.parts } as const) : ({ instead: 'standIn' } as const);
    refusals.note({ type: 'routes', name, version, origins, piece: first, ...good, message });
    return first;
  }
  search.refusals += 1;
  const waiting = waitingPieces.get(name) ?? new Map<string, string>();
  for (const { key, version: form } of tried) waiting.set(key, form);
  waitingPieces.set(name, waiting);
  split(
    search,
    tried.map(({ key }) => ({ name, piece: key })),
  );
  return undefined;
}

/** Where nothing of the tried is new, the stand-ins are refused too: then these pieces are left out, but for the configuration, whose name is needed. */
function withoutStandIns(refusals: KnownRefusals, source: Resource): boolean {
  let isChanged = false;
  for (const piece of routePieces(source).values()) {
    const refusal = refusals.ofPiece(source.name, piece);
    if (refusal?.instead !== 'standIn' || piece.type === 'configuration') continue;
    refusals.note({ ...refusal, instead: 'nothing' });
    isChanged = true;
  }
  return isChanged;
}
