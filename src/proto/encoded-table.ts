import { wireFields, wireHead } from './wire-fields.ts';

/** An encoded route configuration taken apart. */
export interface EncodedTable {
  /** All of it but its virtual hosts: a message of the same kind. */
  readonly own: Uint8Array;
  /** Its virtual hosts, each a message. */
  readonly hosts: readonly Uint8Array[];
}

/** Number of the field. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
const virtualHosts = 2;

/**
 * What a table was put together from, by its bytes. So a virtual host that stands in two tables is the same object in both, and
 * what is known of it need not be found again.
 */
const known = new WeakMap<Uint8Array, EncodedTable>();

/** Tables by their first virtual host, to be the same bytes as long as they are put together from the same. */
const joined = new WeakMap<Uint8Array, Uint8Array>();

/** Puts a route configuration together, in the order of fields that an encoder has. The same bytes as before where all parts are the same. */
export function joinedTable(own: Uint8Array, hosts: readonly Uint8Array[]): Uint8Array {
  const [first] = hosts;
  const before = first && joined.get(first);
  if (before && isMadeOf(before, own, hosts)) return before;
  const fields = wireFields(own);
  const wholeOf = (isWanted: (number: number) => boolean): Uint8Array[] => fields.filter(({ number }) => isWanted(number)).map(({ whole }) => whole);
  const lower = wholeOf((number) => number < virtualHosts);
  const higher = wholeOf((number) => number > virtualHosts);
  const bytes = Buffer.concat(
    lower.concat(
      hosts.flatMap((host) => [wireHead(virtualHosts, host.length), host]),
      higher,
    ),
  );
  known.set(bytes, { own, hosts });
  // One alone is put together to be checked, and does not stay.
  if (first && hosts.length > 1) joined.set(first, bytes);
  return bytes;
}

function isMadeOf(table: Uint8Array, own: Uint8Array, hosts: readonly Uint8Array[]): boolean {
  const parts = tableParts(table);
  return parts.hosts.length === hosts.length && parts.hosts.every((host, index) => host === hosts[index]) && Buffer.compare(parts.own, own) === 0;
}

/** Takes a route configuration apart: what it was put together from, else views of its bytes. */
export function tableParts(bytes: Uint8Array): EncodedTable {
  let found = known.get(bytes);
  if (!found) {
    const fields = wireFields(bytes);
    const own = Buffer.concat(fields.filter(({ number }) => number !== virtualHosts).map(({ whole }) => whole));
    found = { own, hosts: fields.filter(({ number }) => number === virtualHosts).map(({ value }) => value) };
    known.set(bytes, found);
  }
  return found;
}
