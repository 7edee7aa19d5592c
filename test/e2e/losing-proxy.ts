import * as grpc from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import services from '../../src/proto/gen/services.json' with { type: 'json' };
import { type ResourceType, typeUrls } from '../../src/resource.ts';

/** Stands between an Envoy and an aggregated xDS server, and loses answers. */
export interface LosingProxy extends AsyncDisposable {
  /** `HOST:PORT` for the Envoy. */
  readonly address: string;
  /** Where what comes is led; what comes before that is refused. */
  leadTo(server: string): void;
  /** Keeps the next answer of a type from the Envoy and acknowledges it in its place, as if Envoy had taken it and forgotten it. */
  loseNext(type: ResourceType): void;
  /** How many were lost. */
  lost(): number;
}

interface Asked {
  readonly type_url: string;
}

interface Answered {
  readonly type_url: string;
  readonly nonce: string;
  readonly version_info?: string;
}

const loaded = fromJSON(services as Parameters<typeof fromJSON>[0], { keepCase: true, longs: String, enums: String, defaults: false });
const ads = loaded['envoy.service.discovery.v3.AggregatedDiscoveryService'] as grpc.ServiceDefinition;
const asItIs = (bytes: Buffer): Buffer => bytes;

/** Listens on a free port of 127.0.0.1. */
export async function startLosingProxy(): Promise<LosingProxy> {
  const server = new grpc.Server();
  const ways = new Set<grpc.Client>();
  let target: string | undefined;
  let losing: string | undefined;
  let lost = 0;

  function lead(method: grpc.MethodDefinition<object, object>, call: grpc.ServerDuplexStream<Buffer, Buffer>): void {
    if (target === undefined) {
      call.destroy(Object.assign(new Error('there is no server yet'), { code: grpc.status.UNAVAILABLE }));
      return;
    }
    const client = new grpc.Client(target, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    ways.add(client);
    const way = client.makeBidiStreamRequest(method.path, asItIs, asItIs);
    const asked = new Map<string, Asked>();
    call.on('data', (bytes: Buffer) => {
      const request = method.requestDeserialize(bytes) as Asked;
      asked.set(request.type_url, request);
      way.write(bytes);
    });
    way.on('data', (bytes: Buffer) => {
      const { type_url, nonce, version_info } = method.responseDeserialize(bytes) as Answered;
      if (type_url !== losing) {
        call.write(bytes);
        return;
      }
      losing = undefined;
      lost++;
      // In state of the world an ACK says again what is asked for; in delta it says nothing but what it acknowledges.
      const request = version_info === undefined ? { type_url } : { ...asked.get(type_url), version_info };
      way.write(method.requestSerialize({ ...request, response_nonce: nonce }));
    });
    call.on('cancelled', () => way.cancel());
    call.on('end', () => way.end());
    call.on('error', () => way.cancel());
    way.on('error', (error) => call.destroy(error));
    way.on('end', () => call.end());
  }

  const methods = Object.entries(ads);
  const definition = Object.fromEntries(
    methods.map(([name, method]) => [
      name,
      { ...method, requestSerialize: asItIs, requestDeserialize: asItIs, responseSerialize: asItIs, responseDeserialize: asItIs },
    ]),
  );
  server.addService(definition, Object.fromEntries(methods.map(([name, method]) => [name, lead.bind(undefined, method)])));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return {
    address: `127.0.0.1:${port}`,
    leadTo(address) {
      target = address;
    },
    loseNext(type) {
      losing = typeUrls[type];
    },
    lost: () => lost,
    async [Symbol.asyncDispose]() {
      for (const client of ways) client.close();
      server.forceShutdown();
    },
  };
}
