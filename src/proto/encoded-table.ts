import { tableFields } from './route-fields.ts';
import { wireFields, wireHeadLength, writeWireHead } from './wire-fields.ts';

/** An encoded route configuration taken apart. */
export interface EncodedTable {
  /** All of it but its virtual hosts: a message of the same kind. */
  readonly own: Uint8Array;
  /** Its virtual hosts, each a message. One that stands in two tables is the same object in both, so that what is known of it need not be found again. */
  readonly hosts: readonly Uint8Array[];
}

const { virtualHosts } = tableFields;

/** Puts a route configuration together, in the order of fields that an encoder has. */
export function joinedTable(table: EncodedTable): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(tableLength(table));
  writeTable(table, bytes, 0);
  return bytes;
}

/** How many bytes it has when it is put together. */
export function tableLength({ own, hosts }: EncodedTable): number {
  return hosts.reduce((sum, { length }) => sum + wireHeadLength(virtualHosts, length) + length, own.length);
}

/** Writes a route configuration as it is put together, without doing so before. @returns where it ends. */
export function writeTable({ own, hosts }: EncodedTable, target: Buffer, at: number): number {
  const fields = wireFields(own);
  let end = at;
  const write = (bytes: Uint8Array): void => {
    target.set(bytes, end);
    end += bytes.length;
  };
  for (const { number, whole } of fields) if (number < virtualHosts) write(whole);
  for (const host of hosts) {
    end = writeWireHead(virtualHosts, host.length, target, end);
    write(host);
  }
  for (const { number, whole } of fields) if (number > virtualHosts) write(whole);
  return end;
}

/** Takes a route configuration apart. The virtual hosts are views of its bytes. */
export function tableParts(bytes: Uint8Array): EncodedTable {
  const fields = wireFields(bytes);
  const own = Buffer.concat(fields.filter(({ number }) => number !== virtualHosts).map(({ whole }) => whole));
  return { own, hosts: fields.filter(({ number }) => number === virtualHosts).map(({ value }) => value) };
}
