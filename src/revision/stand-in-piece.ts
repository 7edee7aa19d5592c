import { decode, encode } from '../proto/codec.ts';
import { hostFields, routeFields, tableFields } from '../proto/route-fields.ts';
import { wireFields } from '../proto/wire-fields.ts';
import type { RoutePiece } from './route-pieces.ts';

/** What an entry of a route keeps of itself: its match and its name. */
const keptOfRoute = new Set<number>([routeFields.match, routeFields.name]);
/** What a virtual host keeps of itself: its name and its domains. */
const keptOfHost = new Set<number>([hostFields.name, hostFields.domains]);

const unavailable = encode('envoy.config.route.v3.Route', { direct_response: { status: 503 } });
/** The only route of a virtual host that is out of order. */
const allUnavailable = encode('envoy.config.route.v3.VirtualHost', { routes: [{ match: { prefix: '/' }, direct_response: { status: 503 } }] });

/**
 * What stands in for a piece that has no good form: it answers 503 for exactly what the piece would have taken. Without it these
 * requests would fall through to another route, which could open what was meant to be closed.
 * Of the configuration itself its name stays.
 */
export function standInPiece({ type, parts }: RoutePiece): readonly Uint8Array[] {
  switch (type) {
    case 'route':
      return parts.map((entry) => Buffer.concat([kept(entry, keptOfRoute), unavailable]));
    case 'virtualHost':
      return parts.map(standInHost);
    case 'configuration':
      return parts.map((head) => kept(head, new Set([tableFields.name])));
  }
}

const standInHost = (host: Uint8Array): Buffer => Buffer.concat([kept(host, keptOfHost), allUnavailable]);

/** Whether an encoded virtual host stands in for one. */
export function isStandInHost(host: Uint8Array): boolean {
  return standInHost(host).equals(host);
}

/** Whether a piece answers 503, or says nothing, as what stands in for it would. */
export function isStandIn(piece: RoutePiece): boolean {
  return isSame(standInPiece(piece), piece.parts);
}

const isSame = (one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean => Buffer.concat([...one]).equals(Buffer.concat([...other]));

/** Whether a route, in all its entries, matches by a path or prefix as it is written, and by headers and parameters as they are. */
export function takesPlainPath({ parts }: RoutePiece): boolean {
  return parts.every((entry) => {
    const { match } = decode('envoy.config.route.v3.Route', entry);
    return (match?.path ?? match?.prefix ?? match?.path_separated_prefix ?? '') !== '' && !JSON.stringify(match).includes('"regex"');
  });
}

function kept(message: Uint8Array, numbers: ReadonlySet<number>): Uint8Array {
  return Buffer.concat(
    wireFields(message)
      .filter(({ number }) => numbers.has(number))
      .map(({ whole }) => whole),
  );
}
