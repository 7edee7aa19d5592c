import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import { outBody } from '../ejection/out-page.ts';
import { createEnvoyAdmins } from './envoy-admins.ts';

const host = { cluster: 'default/a/80', address: '10.0.0.1', port: 80, isEjected: true, failsHealthCheck: false };

/** A view that says it stands beside `edge-1` of `default`, on a real port. */
async function startView() {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end(JSON.stringify(outBody({ node: 'edge-1', group: 'default', enforced: new Map([['a', new Map([['consecutive_5xx', 1]])]]), hosts: [host] })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    async until(count: number) {
      while (asked < count) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Time goes a hundred times as fast. */
const fast = { ...systemClock, after: (milliseconds: number, call: () => void) => systemClock.after(milliseconds / 100, call) };
const envoy = { id: 'edge-1', group: 'default', agent: 'envoy 1.40.0', peer: '::ffff:127.0.0.1:40001' };

test('the view beside an Envoy is asked for as long as one of its streams is open', async () => {
  using view = await startView();
  const admins = createEnvoyAdmins({ clock: fast, timesOf: () => undefined, viewPort: view.port });
  admins.opened(envoy);
  admins.opened({ ...envoy, peer: '127.0.0.1:40002' });
  await view.until(2);
  admins.closed(envoy);
  await view.until(view.asked() + 2);
  const { isEjected: _, failsHealthCheck: __, ...where } = host;
  assert.deepEqual(admins.out(), [{ node: 'edge-1', group: 'default', endpoints: [where] }]);
  admins.closed(envoy);
  assert.deepEqual(admins.out(), []);
});

test('nobody is asked who is no Envoy, or whose view is not looked for', async () => {
  using view = await startView();
  const admins = createEnvoyAdmins({ clock: fast, timesOf: () => undefined, viewPort: view.port });
  admins.opened({ ...envoy, agent: 'gRPC Node Pure JS 1.14' });
  const none = createEnvoyAdmins({ clock: fast, timesOf: () => undefined });
  none.opened(envoy);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(view.asked(), 0);
  admins.stop();
  none.stop();
});

test('a view that answers for an Envoy that is not connected from there is not believed', async () => {
  using view = await startView();
  const admins = createEnvoyAdmins({ clock: fast, timesOf: () => undefined, viewPort: view.port });
  admins.opened({ ...envoy, id: 'edge-2' });
  await view.until(3);
  assert.deepEqual(admins.out(), []);
  admins.stop();
});
