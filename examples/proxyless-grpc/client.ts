// A gRPC client without an Envoy: node client.ts [--target xds:///prices:9000] [--header NAME=VALUE]. It asks Sluice itself where
// its calls go, makes them at a steady rate, and prints every second how many each endpoint answered. Ctrl-C ends it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CallOptions, credentials, Metadata, makeClientConstructor, type requestCallback } from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';
import { loadSync } from '@grpc/proto-loader';

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'xds:///prices:9000' },
    xds: { type: 'string', default: '127.0.0.1:18000' },
    group: { type: 'string', default: 'grpc/default' },
    node: { type: 'string', default: 'client-1' },
    header: { type: 'string', multiple: true, default: [] },
    rate: { type: 'string', default: '100' },
    every: { type: 'string', default: '1000' },
  },
});

// What `sluice bootstrap --grpc` prints; a program in production has it in a file that GRPC_XDS_BOOTSTRAP names.
process.env['GRPC_XDS_BOOTSTRAP_CONFIG'] ??= JSON.stringify({
  xds_servers: [{ server_uri: values.xds, channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] }],
  node: { id: values.node, cluster: values.group, locality: {} },
});
register();

const Client = makeClientConstructor(
  loadSync(join(import.meta.dirname, '../quickstart/backends/prices.proto'), { keepCase: true })['shop.v1.Prices'] as Parameters<
    typeof makeClientConstructor
  >[0],
  'Prices',
);
type Get = (request: { article: string }, metadata: Metadata, options: CallOptions, answer: requestCallback<{ endpoint: string }>) => void;
const client = new Client(values.target, credentials.createInsecure());
const get = client['Get'] as Get;

const metadata = new Metadata();
for (const [name = '', value = ''] of values.header.map((header) => header.split('='))) metadata.set(name, value);
const counts: { answered: Record<string, number>; failed: Record<string, number> } = { answered: {}, failed: {} };

function call(): void {
  get.call(client, { article: 'tea' }, metadata, { deadline: Date.now() + 5000 }, (error, price) => {
    if (price) counts.answered[price.endpoint] = (counts.answered[price.endpoint] ?? 0) + 1;
    else if (error) counts.failed[error.message] = (counts.failed[error.message] ?? 0) + 1;
  });
}

const calling = setInterval(call, 1000 / Number(values.rate));
const printing = setInterval(() => console.log(JSON.stringify(counts)), Number(values.every));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(calling);
    clearInterval(printing);
    client.close();
    process.exit();
  });
}
