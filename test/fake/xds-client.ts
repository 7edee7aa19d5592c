import * as grpc from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { Answer } from '../../src/ads/stream/answer.ts';
import type { XdsRequest } from '../../src/ads/stream/request.ts';
import services from '../../src/proto/gen/services.json' with { type: 'json' };
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../../src/resource.ts';
import { createPeer, type PeerOptions, type XdsPeer } from './xds-peer.ts';

/** What a stream gave, in the order in which it came. */
export interface XdsStream extends Disposable {
  readonly answers: readonly Answer[];
  /** Settles with the status when the stream has ended, whoever ended it. */
  readonly ended: Promise<{ readonly code: number; readonly details: string }>;
  send(request: XdsRequest): void;
  /** Sends bytes as they are in the place of a message. */
  sendBytes(bytes: Buffer): void;
  /** Reads no more: what comes stays in the buffers. */
  pause(): void;
  /** Cuts the stream. */
  cancel(): void;
}

export interface XdsStreamOptions {
  /** `HOST:PORT` of the server. */
  readonly address: string;
  readonly protocol: 'sotw' | 'delta';
  /** Undefined: ADS. */
  readonly only?: ResourceType;
  /** Undefined: plain text. The certificate of the server must be for `sluice`. */
  readonly tls?: ClientTls;
  readonly onAnswer?: (answer: Answer, stream: XdsStream) => void;
}

/** All PEM. */
export interface ClientTls {
  readonly authority: string;
  /** What the client shows; undefined: nothing. */
  readonly certificate?: string;
  readonly key?: string;
}

const loaded = fromJSON(services as Parameters<typeof fromJSON>[0], { keepCase: true, longs: String, enums: String, defaults: true });
const serviceNames: Record<ResourceType | 'ads', readonly [string, string]> = {
  ads: ['envoy.service.discovery.v3.AggregatedDiscoveryService', 'AggregatedResources'],
  clusters: ['envoy.service.cluster.v3.ClusterDiscoveryService', 'Clusters'],
  endpoints: ['envoy.service.endpoint.v3.EndpointDiscoveryService', 'Endpoints'],
  listeners: ['envoy.service.listener.v3.ListenerDiscoveryService', 'Listeners'],
  routes: ['envoy.service.route.v3.RouteDiscoveryService', 'Routes'],
  secrets: ['envoy.service.secret.v3.SecretDiscoveryService', 'Secrets'],
};

/** Opens a stream on a connection of its own. */
export function openXdsStream({ address, protocol, only, tls, onAnswer }: XdsStreamOptions): XdsStream {
  const [service, method] = serviceNames[only ?? 'ads'];
  const definition = (loaded[service] as unknown as grpc.ServiceDefinition)[`${protocol === 'delta' ? 'Delta' : 'Stream'}${method}`];
  if (!definition) throw new Error(`no method for ${protocol} ${only}`);
  const client = new grpc.Client(address, tls ? credentialsOf(tls) : grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    ...(tls ? { 'grpc.ssl_target_name_override': 'sluice' } : {}),
  });
  const call = client.makeBidiStreamRequest(
    definition.path,
    (message: Buffer | object) => (Buffer.isBuffer(message) ? message : definition.requestSerialize(message)),
    (bytes: Buffer) => definition.responseDeserialize(bytes) as WireAnswer,
  );
  const ended = Promise.withResolvers<{ code: number; details: string }>();
  // The status tells the same; without a listener the error would end the process.
  call.on('error', () => undefined);
  call.on('status', ({ code, details }) => ended.resolve({ code, details }));
  const answers: Answer[] = [];
  const stream: XdsStream = {
    answers,
    ended: ended.promise,
    send: (request) => call.write(wireRequest(request)),
    sendBytes: (bytes) => call.write(bytes),
    pause: () => call.pause(),
    cancel: () => call.cancel(),
    [Symbol.dispose]() {
      call.cancel();
      client.close();
    },
  };
  call.on('data', (message: WireAnswer) => {
    const answer = answerOf(protocol, message);
    answers.push(answer);
    onAnswer?.(answer, stream);
  });
  return stream;
}

/** What a client is made with that checks who the server is, and may show who it is. */
export function credentialsOf({ authority, certificate, key }: ClientTls): grpc.ChannelCredentials {
  const buffer = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return grpc.credentials.createSsl(buffer(authority), buffer(key), buffer(certificate));
}

/** Opens a stream whose client asks on and replies as an Envoy does; `peer` knows what it holds. */
export function followXds(address: string, options: PeerOptions): XdsStream & { readonly peer: XdsPeer } {
  const peer = createPeer(options);
  const stream = openXdsStream({
    address,
    protocol: options.protocol,
    onAnswer: (answer, open) => {
      for (const request of peer.receive(answer)) open.send(request);
    },
  });
  for (const request of peer.connect()) stream.send(request);
  return { ...stream, peer };
}

interface WireAnswer {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info?: string;
  readonly system_version_info?: string;
  readonly resources: readonly (WireAny & { readonly name?: string; readonly version?: string; readonly resource?: WireAny })[];
  readonly removed_resources?: readonly string[];
}

interface WireAny {
  readonly value?: Buffer;
}

function answerOf(protocol: 'sotw' | 'delta', message: WireAnswer): Answer {
  const type = resourceTypes.find((candidate) => typeUrls[candidate] === message.type_url);
  if (!type) throw new Error(`an answer of the type ${message.type_url}`);
  const resources = message.resources.map((each): Resource => {
    const bytes = each.resource?.value ?? each.value ?? Buffer.alloc(0);
    return { type, name: each.name || nameIn(bytes), version: each.version || bytes.toString('base64'), bytes, origins: [] };
  });
  const version = message.version_info ?? message.system_version_info ?? '';
  return { protocol, type, nonce: message.nonce, version, resources, removed: message.removed_resources ?? [] };
}

/** The name is field 1 of all five types, and written first. */
function nameIn(bytes: Buffer): string {
  return bytes.subarray(2, 2 + (bytes[1] ?? 0)).toString();
}

function wireRequest(request: XdsRequest): object {
  const { node, typeUrl, nonce, error } = request;
  const head = {
    ...(node ? { node: { id: node.id, cluster: node.group, user_agent_name: node.agent } } : {}),
    type_url: typeUrl,
    response_nonce: nonce,
    ...(error === undefined ? {} : { error_detail: { code: 13, message: error } }),
  };
  if (request.protocol === 'sotw') return { ...head, version_info: request.version, resource_names: request.names };
  const { subscribe, unsubscribe, initialVersions } = request;
  return { ...head, resource_names_subscribe: subscribe, resource_names_unsubscribe: unsubscribe, initial_resource_versions: initialVersions };
}
