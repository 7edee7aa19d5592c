// The gRPC demo backend: node grpc.ts --port PORT... Each port is one endpoint; its answer says which.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server, ServerCredentials, type ServerUnaryCall, type ServiceDefinition, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const { values } = parseArgs({ options: { address: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', multiple: true, default: ['9000'] } } });
const prices = loadSync(join(import.meta.dirname, 'prices.proto'), { keepCase: true })['shop.v1.Prices'] as ServiceDefinition;

interface PriceRequest {
  readonly article: string;
}

interface Price {
  readonly article: string;
  readonly cents: number;
  readonly endpoint: string;
}

for (const port of values.port) {
  const endpoint = `${values.address}:${port}`;
  const server = new Server();
  server.addService(prices, {
    Get(call: ServerUnaryCall<PriceRequest, Price>, callback: sendUnaryData<Price>): void {
      callback(null, { article: call.request.article, cents: 100 * call.request.article.length, endpoint });
    },
  });
  server.bindAsync(endpoint, ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
    console.log(`prices on ${endpoint}, pid ${process.pid}`);
  });
}
