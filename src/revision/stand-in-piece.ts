import { decode, encode } from '../proto/codec.ts';
import { wireFields } from '../proto/wire-fields.ts';
import type { RoutePiece } from './route-pieces.ts';

/** What an entry of a route keeps of itself: its match and its name. */
const keptOfRoute = new Set([1, 14]);
/** What a virtual host keeps of itself: its name and its domains. */
const keptOfHost = new Set([1, 2]);

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
      return parts.map((head) => Buffer.concat([kept(head, keptOfHost), allUnavailable]));
    case 'configuration':
      return parts.map((head) => kept(head, new Set([1])));
  }
}

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
