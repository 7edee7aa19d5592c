import { wireFields, wireHead } from './wire-fields.ts';

/** An encoded route configuration taken apart. */
export interface EncodedTable {
  /** All of it but its virtual hosts: a message of the same kind. */
  readonly own: Uint8Array;
  /** Its virtual hosts, each a message. One that stands in two tables is the same object in both, so that what is known of it need not be found again. */
  readonly hosts: readonly Uint8Array[];
}

/** Number of the field. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
const virtualHosts = 2;

/** Puts a route configuration together, in the order of fields that an encoder has. */
export function joinedTable({ own, hosts }: EncodedTable): Uint8Array {
  const parts: Uint8Array[] = [];
  const fields = wireFields(own);
  for (const { number, whole } of fields) if (number < virtualHosts) parts.push(whole);
  for (const host of hosts) parts.push(wireHead(virtualHosts, host.length), host);
  for (const { number, whole } of fields) if (number > virtualHosts) parts.push(whole);
  return Buffer.concat(parts);
}

/** Takes a route configuration apart. The virtual hosts are views of its bytes. */
export function tableParts(bytes: Uint8Array): EncodedTable {
  const fields = wireFields(bytes);
  const own = Buffer.concat(fields.filter(({ number }) => number !== virtualHosts).map(({ whole }) => whole));
  return { own, hosts: fields.filter(({ number }) => number === virtualHosts).map(({ value }) => value) };
}
