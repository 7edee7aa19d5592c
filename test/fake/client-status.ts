import { once } from 'node:events';
import * as grpc from '@grpc/grpc-js';
import { decode, encode } from '../../src/proto/codec.ts';
import type { Message } from '../../src/proto/message.ts';
import { type ClientTls, credentialsOf } from './xds-client.ts';

type Request = Message<'envoy.service.status.v3.ClientStatusRequest'>;
type ClientConfig = Message<'envoy.service.status.v3.ClientConfig'>;

const path = (method: string): string => `/envoy.service.status.v3.ClientStatusDiscoveryService/${method}`;
const encoded = (request: Request): Buffer => Buffer.from(encode('envoy.service.status.v3.ClientStatusRequest', request));
const decoded = (bytes: Buffer): readonly ClientConfig[] => decode('envoy.service.status.v3.ClientStatusResponse', bytes).config ?? [];
// The answer of thousands of resources is larger than what a client takes by itself.
const options = { 'grpc.ssl_target_name_override': 'sluice', 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1 };

/** `FetchClientStatus`, as a tool asks. @param tls undefined: plain text. @throws the status of gRPC. */
export function fetchClientStatus(address: string, request: Request | Buffer = {}, tls?: ClientTls): Promise<readonly ClientConfig[]> {
  const client = new grpc.Client(address, tls ? credentialsOf(tls) : grpc.credentials.createInsecure(), options);
  return new Promise<readonly ClientConfig[]>((resolve, reject) => {
    const bytes = (asked: Request | Buffer): Buffer => (Buffer.isBuffer(asked) ? asked : encoded(asked));
    client.makeUnaryRequest(path('FetchClientStatus'), bytes, decoded, request, (error, configs) => (configs ? resolve(configs) : reject(error)));
  }).finally(() => client.close());
}

/** `StreamClientStatus`: the answers to these questions, in their order. */
export async function streamClientStatus(address: string, requests: readonly Request[]): Promise<readonly (readonly ClientConfig[])[]> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), options);
  const call = client.makeBidiStreamRequest(path('StreamClientStatus'), encoded, decoded);
  try {
    for (const request of requests) call.write(request);
    call.end();
    const answers: (readonly ClientConfig[])[] = [];
    for await (const answer of call) answers.push(answer as readonly ClientConfig[]);
    return answers;
  } finally {
    client.close();
  }
}

/** `StreamClientStatus` with one question, left open. */
export function openStatusStream(address: string, tls?: ClientTls) {
  const client = new grpc.Client(address, tls ? credentialsOf(tls) : grpc.credentials.createInsecure(), options);
  const call = client.makeBidiStreamRequest(path('StreamClientStatus'), encoded, decoded);
  const answered = once(call, 'data');
  const ended = new Promise<grpc.StatusObject>((resolve) => {
    call.on('error', () => undefined).on('status', resolve);
  }).finally(() => client.close());
  call.write({});
  return { answered, ended, cancel: () => call.cancel() };
}

/** One line a resource: `TYPE NAME SERVER-STATUS CLIENT-STATUS`. */
export function statusLines(configs: readonly ClientConfig[]): readonly string[] {
  const generic = configs.flatMap((config) => config.generic_xds_configs ?? []);
  return generic.map(
    ({ type_url = '', name, config_status = 'UNKNOWN', client_status = 'UNKNOWN' }) =>
      `${type_url.split('.').at(-1)} ${name} ${config_status} ${client_status}`,
  );
}
