/** What an entry of a database of MaxMind may hold; numbers are whole, from 0. */
type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

const types = { text: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, list: 11 } as const;

/** Bytes between the tree and the data. */
const separatorBytes = 16;

/**
 * A database of MaxMind that says one thing of the IPv4 addresses with a first byte, and nothing of all others.
 * @see https://maxmind.github.io/MaxMind-DB/
 */
export function mmdb(databaseType: string, firstByte: number, entry: Value): Buffer {
  const depth = 8;
  const found = depth + separatorBytes;
  // A node for each bit: one branch goes on, the other knows nothing, which the number of nodes says.
  const nodes = Array.from({ length: depth }, (_, bit) => {
    const next = bit === depth - 1 ? found : bit + 1;
    return (firstByte >> (depth - 1 - bit)) & 1 ? [depth, next] : [next, depth];
  });
  const metadata = Buffer.concat([
    head(types.map, 9),
    ...field('binary_format_major_version', uint(types.uint16, 2)),
    ...field('binary_format_minor_version', uint(types.uint16, 0)),
    ...field('build_epoch', uint(types.uint64, 1)),
    ...field('database_type', encoded(databaseType)),
    ...field('description', encoded({ en: 'made by a test' })),
    ...field('ip_version', uint(types.uint16, 4)),
    ...field('languages', encoded(['en'])),
    ...field('node_count', uint(types.uint32, depth)),
    ...field('record_size', uint(types.uint16, 24)),
  ]);
  const tree = Buffer.concat(nodes.flat().map((record) => Buffer.from([record >> 16, (record >> 8) & 255, record & 255])));
  return Buffer.concat([tree, Buffer.alloc(separatorBytes), encoded(entry), Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata]);
}

function field(name: string, value: Buffer): readonly Buffer[] {
  return [encoded(name), value];
}

function encoded(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(types.text, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return uint(types.uint32, value);
  if (Array.isArray(value)) return Buffer.concat([head(types.list, value.length), ...value.map(encoded)]);
  const entries = Object.entries(value);
  return Buffer.concat([head(types.map, entries.length), ...entries.flatMap(([name, one]) => field(name, encoded(one)))]);
}

function uint(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([head(type, value === 0 ? 0 : significant.length), value === 0 ? Buffer.alloc(0) : significant]);
}

/** Type and length; types above seven stand in a second byte. */
function head(type: number, length: number): Buffer {
  if (length >= 29) throw new RangeError(`longer than this writes: ${length}`);
  return type > 7 ? Buffer.from([length, type - 7]) : Buffer.from([(type << 5) | length]);
}
