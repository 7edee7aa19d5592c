import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { decode, encode } from '../../src/proto/codec.ts';
import { type ResourceType, typeUrls } from '../../src/resource.ts';

/**
 * `node bench/xds/bare-sender.ts -capture FILE`: sends what Sluice served, ready encoded, and for a change the one assignment
 * that is new. It is cmd/sender over the gRPC of Node: what it takes is what grpc-js, the kernel and the client take.
 */
const { values } = parseArgs({ args: process.argv.slice(2).map((word) => word.replace(/^-(?=[a-z])/, '--')), options: { capture: { type: 'string' } } });

type Protocol = 'delta' | 'sotw';
type Call = ServerDuplexStream<Buffer, Buffer>;

/** A `Resource` of the capture. */
interface Captured {
  readonly name: string;
  readonly version: string;
  readonly body: Uint8Array;
}

const types: readonly ResourceType[] = ['clusters', 'endpoints', 'listeners', 'routes'];
const typeOf = new Map<string, ResourceType>(types.map((type) => [typeUrls[type], type]));
const captured = readCapture(readFileSync(values.capture ?? ''));
const endpoints = new Map(captured.endpoints.map((resource) => [resource.name, resource]));
/** Those that asked for endpoints. */
const streams = new Map<Call, { readonly protocol: Protocol; nonce: number }>();

function readCapture(bytes: Uint8Array): Record<ResourceType, Captured[]> {
  const found: Record<ResourceType, Captured[]> = { clusters: [], endpoints: [], listeners: [], routes: [], secrets: [] };
  for (const resource of fieldsOf(bytes).get(2) ?? []) {
    const fields = fieldsOf(resource);
    const any = fieldsOf(fields.get(2)?.[0] ?? new Uint8Array());
    const type = typeOf.get(text(any.get(1)?.[0]));
    if (type) found[type].push({ name: text(fields.get(3)?.[0]), version: text(fields.get(1)?.[0]), body: any.get(2)?.[0] ?? new Uint8Array() });
  }
  return found;
}

/** The length-delimited fields of a message by number. */
function fieldsOf(message: Uint8Array): ReadonlyMap<number, readonly Uint8Array[]> {
  const reader = protobuf.Reader.create(message);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) !== 2) {
      reader.skipType(tag & 7);
      continue;
    }
    const values = fields.get(tag >>> 3);
    if (values) values.push(reader.bytes());
    else fields.set(tag >>> 3, [reader.bytes()]);
  }
  return fields;
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

/** All of an answer but its nonce. */
function answerOf(protocol: Protocol, type: ResourceType, version: string, resources: readonly Captured[]): Buffer {
  const writer = protobuf.Writer.create().uint32(10).string(version);
  for (const { name, version, body } of resources) {
    const any = protobuf.Writer.create().uint32(10).string(typeUrls[type]).uint32(18).bytes(body).finish();
    if (protocol === 'sotw') writer.uint32(18).bytes(any);
    else writer.uint32(18).bytes(protobuf.Writer.create().uint32(10).string(version).uint32(18).bytes(any).uint32(26).string(name).finish());
  }
  return Buffer.from(writer.uint32(34).string(typeUrls[type]).finish());
}

const firstAnswers = Object.fromEntries(
  (['delta', 'sotw'] as const).map((protocol) => [protocol, Object.fromEntries(types.map((type) => [type, answerOf(protocol, type, '0', captured[type])]))]),
) as Record<Protocol, Record<ResourceType, Buffer>>;

function send(call: Call, nonce: number, answer: Buffer): void {
  call.write(Buffer.concat([answer, protobuf.Writer.create().uint32(42).string(String(nonce)).finish()]));
}

function serve(protocol: Protocol, call: Call): void {
  const state = { protocol, nonce: 0 };
  const asked = new Set<ResourceType>();
  call.on('data', (request: Buffer) => {
    // Acknowledgements are not read: it sends and does nothing else.
    if (asked.size === types.length) return;
    const type = typeOf.get(text(fieldsOf(request).get(protocol === 'delta' ? 2 : 4)?.[0]));
    if (type === undefined || asked.has(type)) return;
    asked.add(type);
    if (type === 'endpoints') streams.set(call, state);
    send(call, ++state.nonce, firstAnswers[protocol][type]);
  });
  call.on('error', () => streams.delete(call));
  call.on('cancelled', () => streams.delete(call));
  call.on('end', () => call.end());
}

function change(cluster: string, address: string, port: number): void {
  const before = endpoints.get(cluster);
  if (!before) throw new Error(`there is no cluster ${cluster}`);
  const assignment = decode('envoy.config.endpoint.v3.ClusterLoadAssignment', before.body);
  const socket = assignment.endpoints?.[0]?.lb_endpoints?.[0]?.endpoint?.address?.socket_address;
  if (!socket) throw new Error(`${cluster} has no endpoints`);
  Object.assign(socket, { address, port_value: port });
  const next = { name: cluster, version: address, body: encode('envoy.config.endpoint.v3.ClusterLoadAssignment', assignment) };
  endpoints.set(cluster, next);
  const answers = { delta: answerOf('delta', 'endpoints', address, [next]), sotw: answerOf('sotw', 'endpoints', address, [next]) };
  for (const [call, state] of streams) send(call, ++state.nonce, answers[state.protocol]);
}

const changes = createServer((request, response) => {
  try {
    const query = new URL(request.url ?? '', 'http://sender').searchParams;
    change(query.get('cluster') ?? '', query.get('address') ?? '', Number(query.get('port')));
    response.end();
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
});
changes.listen(0, '127.0.0.1');

const same = (bytes: Buffer): Buffer => bytes;
const service = 'envoy.service.discovery.v3.AggregatedDiscoveryService';
const method = (name: string) => ({
  path: `/${service}/${name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const xds = new Server({ 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 });
xds.addService(
  { delta: method('DeltaAggregatedResources'), sotw: method('StreamAggregatedResources') },
  { delta: (call: Call) => serve('delta', call), sotw: (call: Call) => serve('sotw', call) },
);
xds.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(JSON.stringify({ xds: `127.0.0.1:${port}`, changes: `127.0.0.1:${(changes.address() as AddressInfo).port}` }));
});
