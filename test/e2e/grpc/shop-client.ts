import * as grpc from '@grpc/grpc-js';
import { type Item, shopDefinition } from './shop-server.ts';

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

/** A client of `shop.v1.Shop` with one connection. */
export interface ShopClient extends Disposable {
  get(name: string, options?: CallOptions): Promise<Item>;
  watch(name: string, options?: CallOptions): grpc.ClientReadableStream<Item>;
  chat(options?: CallOptions): grpc.ClientDuplexStream<Item, Item>;
}

type Unary = (request: object, metadata: grpc.Metadata, options: grpc.CallOptions, answer: grpc.requestCallback<Item>) => unknown;
type Watch = (request: object, metadata: grpc.Metadata, options: grpc.CallOptions) => grpc.ClientReadableStream<Item>;
type Chat = (metadata: grpc.Metadata, options: grpc.CallOptions) => grpc.ClientDuplexStream<Item, Item>;

/** Never tries a call again by itself. @param authority the host that Envoy routes by. */
export function shopClient(port: number, authority: string, credentials = grpc.credentials.createInsecure(), more: grpc.ClientOptions = {}): ShopClient {
  const Client = grpc.makeClientConstructor(shopDefinition, 'Shop');
  const client = new Client(`127.0.0.1:${port}`, credentials, { 'grpc.default_authority': authority, 'grpc.enable_retries': 0, ...more });
  const metadataOf = (written: CallOptions['metadata']): grpc.Metadata => {
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(written ?? {})) metadata.set(name, value);
    return metadata;
  };
  const optionsOf = (deadlineMs: number | undefined): grpc.CallOptions => (deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs });
  return {
    get: (name, { metadata, deadlineMs } = {}) =>
      new Promise((resolve, reject) => {
        (client['GetItem'] as Unary).call(client, { name }, metadataOf(metadata), optionsOf(deadlineMs), (error, item) =>
          item ? resolve(item) : reject(error),
        );
      }),
    watch: (name, { metadata, deadlineMs } = {}) => (client['Watch'] as Watch).call(client, { name }, metadataOf(metadata), optionsOf(deadlineMs)),
    chat: ({ metadata, deadlineMs } = {}) => (client['Chat'] as Chat).call(client, metadataOf(metadata), optionsOf(deadlineMs)),
    [Symbol.dispose]: () => client.close(),
  };
}

/** Status of a call that fails; OK where it does not. */
export async function statusOf(call: Promise<unknown>): Promise<grpc.status> {
  try {
    await call;
    return grpc.status.OK;
  } catch (error) {
    return (error as grpc.ServiceError).code;
  }
}
