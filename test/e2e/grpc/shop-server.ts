import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { freePort } from '../port.ts';

const root = join(import.meta.dirname, '../../..');

/** Where the files that `shop.proto` imports are. */
export const importFolders = [join(root, 'node_modules/@grpc/grpc-js-xds/deps/googleapis')];

/** `shop.v1.Shop` of `shop.proto`. */
export const shopDefinition = loadSync(join(import.meta.dirname, 'shop.proto'), { keepCase: true, longs: String, defaults: true, includeDirs: importFolders })[
  'shop.v1.Shop'
] as grpc.ServiceDefinition;

export interface Item {
  readonly name?: string;
  readonly cents?: string;
  readonly endpoint?: string;
}

/** How a server answers; tests change the fields while it runs. */
export interface ShopBehaviour {
  /** Status of every unary call. */
  status: grpc.status;
  /** Whether headers go out before a status other than OK: then it comes in trailers, else alone. */
  sendsHeadersFirst: boolean;
  delayMs: number;
}

/** What a call looked like to the server. */
export interface SeenCall {
  readonly method: string;
  readonly metadata: Readonly<Record<string, grpc.MetadataValue>>;
  /** What was left of the deadline; undefined: none. */
  readonly leftMs?: number;
}

export interface ShopServer extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly behaviour: ShopBehaviour;
  /** The newest last; the first ones are forgotten above 1000. */
  readonly seen: readonly SeenCall[];
  /** Calls so far. */
  count(): number;
  /** Ends as a process does that finishes its calls: GOAWAY, then it closes. */
  drain(): Promise<void>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface ShopServerOptions {
  readonly port?: number;
  readonly options?: grpc.ServerOptions;
  readonly credentials?: grpc.ServerCredentials;
  /** More services that it has. */
  readonly more?: readonly { readonly definition: grpc.ServiceDefinition; readonly implementation: grpc.UntypedServiceImplementation }[];
}

const remembered = 1000;

type Call = grpc.ServerUnaryCall<{ readonly name?: string; readonly item?: Item }, Item>;

/** A gRPC server of `shop.v1.Shop` on 127.0.0.1, whose answers name it. */
export async function startShopServer(name: string, given: ShopServerOptions = {}): Promise<ShopServer> {
  const behaviour: ShopBehaviour = { status: grpc.status.OK, sendsHeadersFirst: false, delayMs: 0 };
  const seen: SeenCall[] = [];
  let count = 0;
  const note = (method: string, call: Pick<Call, 'metadata' | 'getDeadline'>): void => {
    count++;
    const deadline = call.getDeadline();
    const leftMs = Number.isFinite(Number(deadline)) ? Number(deadline) - Date.now() : undefined;
    seen.push({ method, metadata: call.metadata.getMap(), ...(leftMs === undefined ? {} : { leftMs }) });
    if (seen.length > remembered) seen.shift();
  };
  const unary = (method: string, item: (request: Call['request']) => Item) => async (call: Call, answer: grpc.sendUnaryData<Item>) => {
    note(method, call);
    if (behaviour.sendsHeadersFirst) call.sendMetadata(new grpc.Metadata());
    if (behaviour.delayMs > 0) await sleep(behaviour.delayMs);
    if (behaviour.status !== grpc.status.OK) answer({ code: behaviour.status, details: 'as the test asked' });
    else answer(null, { cents: '100', endpoint: name, ...item(call.request) });
  };
  const server = new grpc.Server(given.options);
  server.addService(shopDefinition, {
    GetItem: unary('GetItem', (request) => ({ name: request.name ?? '' })),
    CreateItem: unary('CreateItem', (request) => ({ ...request.item, endpoint: name })),
    // Three items, then the stream stays open until the client ends it, or `name` says how it ends.
    Watch(call: grpc.ServerWritableStream<{ readonly name?: string }, Item>): void {
      note('Watch', call);
      for (const cents of ['1', '2', '3']) call.write({ name: call.request.name ?? '', cents, endpoint: name });
      if (behaviour.status !== grpc.status.OK) call.emit('error', { code: behaviour.status, details: 'as the test asked' });
      else if (call.request.name !== 'items/open') call.end();
    },
    Chat(call: grpc.ServerDuplexStream<Item, Item>): void {
      note('Chat', call);
      call.on('error', () => undefined);
      call.on('data', (item: Item) => call.write({ ...item, endpoint: name }));
      call.on('end', () => call.end());
    },
  });
  for (const { definition, implementation } of given.more ?? []) server.addService(definition, implementation);
  const port = given.port ?? (await freePort());
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, given.credentials ?? grpc.ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  const close = async (): Promise<void> => server.forceShutdown();
  const drain = (): Promise<void> => new Promise((resolve, reject) => server.tryShutdown((error) => (error ? reject(error) : resolve())));
  return { name, port, behaviour, seen, count: () => count, drain, close, [Symbol.asyncDispose]: close };
}
