// A gRPC client: node call-prices.ts [CALLS] [HOST:PORT]. Makes calls on one connection and counts which endpoint answered.
import { join } from 'node:path';
import { credentials, makeClientConstructor, type requestCallback } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [calls = '300', address = '127.0.0.1:8080'] = process.argv.slice(2);
const Client = makeClientConstructor(
  loadSync(join(import.meta.dirname, 'prices.proto'), { keepCase: true })['shop.v1.Prices'] as Parameters<typeof makeClientConstructor>[0],
  'Prices',
);
// The gateway routes by this name, as by the Host header of other requests.
const client = new Client(address, credentials.createInsecure(), { 'grpc.default_authority': 'prices.shop.example' });

interface Price {
  readonly endpoint: string;
}
type Get = (request: { article: string }, answer: requestCallback<Price>) => void;
const get = client['Get'] as Get;

const counts: Record<string, number> = {};
for (let call = 0; call < Number(calls); call++) {
  const { endpoint } = await new Promise<Price>((resolve, reject) => {
    get.call(client, { article: 'tea' }, (error, price) => (price ? resolve(price) : reject(error)));
  });
  counts[endpoint] = (counts[endpoint] ?? 0) + 1;
}
client.close();
console.log(counts);
