import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../../src/resource.ts';
import { references } from '../../src/revision/references.ts';

export interface XdsClientOptions {
  /** `HOST:PORT` of the server. */
  readonly address: string;
  readonly protocol: 'sotw' | 'delta';
  /** `node.id`; undefined: the first message holds no node. */
  readonly node?: string;
  /** `node.cluster`. */
  readonly group?: string;
  /** The words of a refusal, where the client refuses an answer. */
  readonly refuse?: (answer: XdsAnswer) => string | undefined;
  /** Answers of these types are neither acknowledged nor refused until `reply` is called. */
  readonly silent?: readonly ResourceType[];
  /** Versions from an earlier stream, by type: what an Envoy that comes back tells in delta. */
  readonly known?: Readonly<Partial<Record<ResourceType, Readonly<Record<string, string>>>>>;
}

/** An answer as it came, in the order of arrival. */
export interface XdsAnswer {
  readonly type: ResourceType;
  readonly nonce: string;
  /** `version_info`, or `system_version_info` in delta. */
  readonly version: string;
  readonly names: readonly string[];
  readonly removed: readonly string[];
}

/** How a stream ended. */
export interface XdsEnd {
  readonly code: grpc.status;
  readonly details: string;
}

/** A client of an ADS stream that acknowledges and asks on as Envoy does, unless it is told to misbehave. */
export interface XdsClient extends Disposable {
  readonly answers: readonly XdsAnswer[];
  /** What it has now, name to bytes. */
  held(type: ResourceType): ReadonlyMap<string, Uint8Array>;
  /** Asks for all clusters and listeners, then for whatever these need. */
  start(): void;
  /** Sends a request as it is; the node is added to the first one. */
  send(request: Readonly<Record<string, unknown>>): void;
  /** Sends bytes that need not be a request. */
  sendBytes(bytes: Uint8Array): void;
  /** Acknowledges the newest answer of a silent type. */
  reply(type: ResourceType): void;
  /** Reads nothing from now on. */
  pause(): void;
  readonly ended: Promise<XdsEnd>;
}

interface WireResource {
  readonly type_url: string;
  readonly value: Uint8Array;
}

interface WireAnswer {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info?: string;
  readonly system_version_info?: string;
  readonly removed_resources?: readonly string[];
  readonly resources: readonly (WireResource & { readonly name?: string; readonly version?: string; readonly resource?: WireResource })[];
}

const services = fromJSON(JSON.parse(readFileSync(new URL('../../src/proto/gen/services.json', import.meta.url), 'utf8')), { keepCase: true, defaults: true });
const methods = services['envoy.service.discovery.v3.AggregatedDiscoveryService'] as grpc.ServiceDefinition;

/** Opens a stream. Nothing is sent before `start` or `send`. */
export function xdsClient(options: XdsClientOptions): XdsClient {
  const { protocol } = options;
  const definition = methods[protocol === 'sotw' ? 'StreamAggregatedResources' : 'DeltaAggregatedResources'];
  if (!definition) throw new Error('the ADS service is not in services.json');
  const serialize: (request: object) => Buffer = definition.requestSerialize;
  const channel = new grpc.Client(options.address, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  });
  const stream = channel.makeBidiStreamRequest<Buffer, WireAnswer>(
    definition.path,
    (bytes) => bytes,
    (bytes) => definition.responseDeserialize(bytes) as WireAnswer,
  );
  const { promise: ended, resolve } = Promise.withResolvers<XdsEnd>();
  const answers: XdsAnswer[] = [];
  const held = Object.fromEntries(resourceTypes.map((type) => [type, new Map<string, Uint8Array>()])) as Record<ResourceType, Map<string, Uint8Array>>;
  const asked: Partial<Record<ResourceType, ReadonlySet<string>>> = {};
  const newest: Partial<Record<ResourceType, XdsAnswer>> = {};
  let isFirst = true;

  stream.on('error', ({ code, details }: grpc.ServiceError) => resolve({ code, details }));
  stream.on('status', ({ code, details }: grpc.StatusObject) => resolve({ code, details }));
  stream.on('data', receive);

  function send(request: Readonly<Record<string, unknown>>): void {
    const node = options.node === undefined ? {} : { node: { id: options.node, cluster: options.group ?? 'default', user_agent_name: 'fake' } };
    stream.write(serialize({ ...(isFirst ? node : {}), ...request }));
    isFirst = false;
  }

  /** Asks for exactly these names; undefined: everything. The request is an ACK or NACK too where an answer came. */
  function ask(type: ResourceType, names: ReadonlySet<string> | undefined, reply: { readonly error?: string } = {}): void {
    const before = asked[type];
    const error = reply.error === undefined ? {} : { error_detail: { code: 13, message: reply.error } };
    const head = { type_url: typeUrls[type], response_nonce: newest[type]?.nonce ?? '', ...error };
    const wanted = names ?? new Set<string>();
    if (protocol === 'sotw') {
      send({ ...head, resource_names: [...wanted], version_info: newest[type]?.version ?? '' });
    } else {
      const initial = before ? {} : { initial_resource_versions: options.known?.[type] ?? {} };
      const [subscribe, unsubscribe] = [[...wanted].filter((name) => !before?.has(name)), [...(before ?? [])].filter((name) => !wanted.has(name))];
      send({ ...head, ...initial, resource_names_subscribe: subscribe, resource_names_unsubscribe: unsubscribe });
    }
    asked[type] = wanted;
    if (names) for (const name of held[type].keys()) if (!names.has(name)) held[type].delete(name);
  }

  function receive(wire: WireAnswer): void {
    const type = resourceTypes.find((candidate) => typeUrls[candidate] === wire.type_url);
    if (!type) throw new Error(`an answer of a type that was not asked for: ${wire.type_url}`);
    const resources = wire.resources.map((entry) => {
      const value = entry.resource?.value ?? entry.value;
      return { name: nameOf(value), value };
    });
    const removed = wire.removed_resources ?? [];
    const version = wire.version_info ?? wire.system_version_info ?? '';
    const answer: XdsAnswer = { type, nonce: wire.nonce, version, names: resources.map(({ name }) => name), removed };
    answers.push(answer);
    newest[type] = answer;
    const error = options.refuse?.(answer);
    if (error === undefined) {
      // Of clusters and listeners a state-of-the-world answer is all there is.
      if (protocol === 'sotw' && (type === 'clusters' || type === 'listeners')) held[type].clear();
      for (const { name, value } of resources) held[type].set(name, value);
      for (const name of removed) held[type].delete(name);
    }
    if (!options.silent?.includes(type)) ask(type, askedNames(type), error === undefined ? {} : { error });
    if (error === undefined) askForNeeds(type);
  }

  function askedNames(type: ResourceType): ReadonlySet<string> | undefined {
    return type === 'clusters' || type === 'listeners' ? undefined : asked[type];
  }

  /** Asks for what clusters and listeners need, where that is not what was asked for before. */
  function askForNeeds(from: ResourceType): void {
    if (from !== 'clusters' && from !== 'listeners') return;
    const needs = [...needed('clusters'), ...needed('listeners')];
    for (const type of ['endpoints', 'routes', 'secrets'] as const) {
      const names = new Set(needs.flatMap((need) => [...need[type]]));
      const before = asked[type] ?? new Set();
      if (names.size !== before.size || [...names].some((name) => !before.has(name))) ask(type, names);
    }
  }

  function needed(type: 'clusters' | 'listeners') {
    return [...held[type]].map(([name, bytes]) => references({ type, name, bytes, version: '', origins: [] } satisfies Resource));
  }

  return {
    answers,
    ended,
    held: (type) => held[type],
    start() {
      ask('clusters', undefined);
      ask('listeners', undefined);
    },
    send,
    sendBytes: (bytes) => void stream.write(Buffer.from(bytes)),
    reply: (type) => ask(type, askedNames(type)),
    pause: () => void stream.pause(),
    [Symbol.dispose]() {
      stream.cancel();
      channel.close();
    },
  };
}

/** Reads the name, which is field 1 of all five messages and encoded first. */
function nameOf(message: Uint8Array): string {
  const bytes = Buffer.from(message);
  if (bytes[0] !== 0x0a) return '';
  let [length, shift, at] = [0, 0, 1];
  for (let byte = 0x80; byte & 0x80; at += 1, shift += 7) {
    byte = bytes[at] ?? 0;
    length |= (byte & 0x7f) << shift;
  }
  return bytes.toString('utf8', at, at + length);
}
