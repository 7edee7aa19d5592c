import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { takenPorts } from './ports.ts';

const planned = (host: string, port: number) => ({ host, port, purpose: 'HTTP', remedy: '--http-port PORT takes another one' });

test('ports: one that is free is not reported, one that is taken is, on every address and on its own', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(await takenPorts([planned('127.0.0.1', 0)]), []);
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    assert.deepEqual(await takenPorts([planned(host, port)]), [{ ...planned(host, port), reason: 'taken by another process' }]);
  }
});

test('ports: an address that this machine does not have is told as such', async () => {
  const [taken] = await takenPorts([planned('203.0.113.1', 18000)]);
  assert.equal(taken?.reason, 'not on an address of this machine');
});
