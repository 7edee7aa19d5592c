import { latencyBoundsMs } from '../../src/latency-bounds.ts';
import { encode } from '../../src/proto/codec.ts';
import { resourceTypes, typeUrls } from '../../src/resource.ts';
import { clientReport } from '../fake/client-report.ts';
import { latencyReport } from '../fake/latency-report.ts';
import type { Random } from '../fake/random.ts';

// Requests are written by hand, as an encoder would refuse to write what makes no sense.

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function field(number: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

const wireTypes = 8;
const mostNames = 20;

/** A request of either protocol, whose fields are there or not, in any order, with names and nonces of nobody. */
export function requestBytes(random: Random): Buffer {
  const name = (): string => random.pick(['default/u1-0/80', '*', '', 'u1', 'é'.repeat(50), '\0']);
  const node = Buffer.concat([field(1, `fuzz-${Math.floor(random.next() * 50)}`), field(2, 'default'), field(6, 'fuzz')]);
  const names = Array.from({ length: Math.floor(random.next() * mostNames) }, () => field(random.pick([3, 3, 4]), name()));
  const version = field(5, Buffer.concat([field(1, name()), field(2, 'v')]));
  const fields = [
    field(1, random.chance(0.5) ? node : 'v1'),
    field(2, random.chance(0.5) ? node : typeUrls[random.pick(resourceTypes)]),
    field(4, typeUrls[random.pick(resourceTypes)]),
    ...names,
    version,
    field(random.pick([5, 6]), String(Math.floor(random.next() * 5))),
    field(random.pick([6, 7]), Buffer.concat([field(2, 'refused')])),
  ];
  return Buffer.concat(fields.filter(() => random.chance(0.7)));
}

/** A load report with numbers of any size, of clusters that exist or not. */
export function reportBytes(random: Random): Buffer {
  const number = (id: number): Buffer => Buffer.concat([varint(id * 8), varint(random.pick([0, 1, 127, 2 ** 31, 2 ** 52]))]);
  const locality = (): Buffer => field(2, Buffer.concat([number(2), number(3), number(4), number(8)].filter(() => random.chance(0.8))));
  const interval = field(4, Buffer.concat([number(1), number(2)]));
  const cluster = (): Buffer => field(2, Buffer.concat([field(1, random.pick(['default/u1-0/80', '', 'nobody'])), locality(), locality(), interval]));
  const node = field(1, Buffer.concat([field(1, `fuzz-${Math.floor(random.next() * 50)}`), field(2, random.pick(['default', 'nobody']))]));
  return Buffer.concat([...(random.chance(0.8) ? [node] : []), cluster(), cluster()]);
}

const questions = [
  {},
  { node_matchers: [{ node_id: { safe_regex: { regex: '(fuzz|before)-.*' } } }, { node_id: { prefix: 'fuzz', ignore_case: true } }] },
  { exclude_resource_contents: true, node_matchers: [{ node_id: { exact: 'fuzz-1' } }] },
];

/** A question for the status of clients. */
export function questionBytes(random: Random): Buffer {
  return Buffer.from(encode('envoy.service.status.v3.ClientStatusRequest', random.pick(questions)));
}

/** A report of latencies, of clusters that exist or not. */
export function latencyBytes(random: Random): Buffer {
  const name = `cluster.${random.pick(['default/u1-0/80', '', 'nobody'])}.upstream_rq_time`;
  const counts = [...latencyBoundsMs, 0].map(() => Math.floor(random.next() * 100));
  const metrics = { [name]: { bounds: latencyBoundsMs, counts } };
  return latencyReport({ node: `fuzz-${Math.floor(random.next() * 50)}`, group: random.pick(['default', 'nobody']), metrics });
}

/** A report of clients, of listeners that exist or not. */
export function clientBytes(random: Random): Buffer {
  const texts = [`203.0.113.${Math.floor(random.next() * 300)} 10.0.0.1 via_upstream`, '- - -', ''];
  return clientReport({
    node: `fuzz-${Math.floor(random.next() * 50)}`,
    group: random.pick(['default', 'nobody']),
    listener: random.pick(['default/80', '']),
    texts,
  });
}

/** The same with bytes changed, cut off, repeated, or with lengths and tags that are not true. */
export function damaged(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = (): number => Math.floor(random.next() * copy.length);
  const changes = Math.floor(random.next() * 6);
  for (let count = 0; count < changes && copy.length > 0; count++) copy[at()] = Math.floor(random.next() * 256);
  const dice = random.next();
  if (dice < 0.2) return copy.subarray(0, at());
  if (dice < 0.3) return Buffer.concat([copy, copy]);
  if (dice < 0.5) {
    const untrue = Buffer.concat([
      varint(Math.floor(random.next() * 64) * 8 + Math.floor(random.next() * wireTypes)),
      varint(random.pick([0, 127, 2 ** 31, 2 ** 40])),
    ]);
    const where = at();
    return Buffer.concat([copy.subarray(0, where), untrue, copy.subarray(where)]);
  }
  return copy;
}
