import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { sluice } from './sluice.ts';
import { waitFor } from './wait.ts';

/** A Gateway of its own beside the usual one. */
const otherGateway = (port: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: other}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: ${port}, protocol: HTTP}`;

const otherRoute = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: other}
spec:
  parentRefs: [{name: other}]
  rules: [{backendRefs: [{name: shop, port: 80}]}]`;

for (const protocol of ['delta', 'sotw'] as const) {
  test(`a port that Envoy cannot bind is told at its file and line, costs nothing else, and is over when the file is mended (${protocol})`, {
    timeout: 600_000,
  }, async () => {
    await using shop = await startHttpBackend('shop');
    await using taken = await startHttpBackend('taken');
    const objects = { 'shop.yaml': [serviceYaml('shop', [shop.port]), gatewayYaml, routeYaml('shop', { shop: 1 })].join('\n---') };
    await using stack = await startStack({ objects, protocol });
    const ask = (...words: string[]) => sluice([...words, '--server', `http://${stack.server().adminAddress}`]);
    await waitFor('the shop is served', async () => (await stack.http('/')).body === 'shop');
    await using load = startLoad({ port: stack.httpPort, rate: 50 });
    await stack.write('other.yaml', [otherGateway(taken.port), otherRoute].join('\n---'));
    const why = await waitFor('the refusal is told', async () => {
      const { stdout } = await ask('why', 'gateway', 'other');
      return stdout.includes('PortRefusedByEnvoy') ? stdout : undefined;
    });
    assert.match(why, /other\.yaml:\d+:\d+ error PortRefusedByEnvoy .*(bind|in use)/);
    const status = (await ask('status')).stdout;
    assert.match(status, /NACKED/);
    assert.match(status, /LDS .*other\.yaml:\d+/);
    assert.match(status, /bind|in use/);
    // The rest of the same change, and later ones, are served.
    await stack.write('more.yaml', routeYaml('more', { shop: 1 }, '/more'));
    await waitFor('another route is served', async () => (await stack.http('/more')).status === 200);
    const metrics = await (await fetch(`http://${stack.server().adminAddress}/metrics`)).text();
    assert.match(why, /cannot use the listener .* at its place/);
    assert.match(metrics, /^sluice_refused\{group="default",type="listeners"\} 1$/m);
    const port = await freePort();
    await stack.write('other.yaml', [otherGateway(port), otherRoute].join('\n---'));
    await waitFor('the mended one listens', async () => (await http(port, '/')).body === 'shop');
    await waitFor('nothing is refused', async () => !(await ask('status')).stdout.includes('NACKED'));
    assert.deepEqual((await load.stop()).failures, []);
  });

  test(`a port that gets free is bound without a change of any object (${protocol})`, { timeout: 600_000 }, async () => {
    await using shop = await startHttpBackend('shop');
    const taken = await startHttpBackend('taken');
    const objects = {
      'shop.yaml': [serviceYaml('shop', [shop.port]), gatewayYaml, routeYaml('shop', { shop: 1 }), otherGateway(taken.port), otherRoute].join('\n---'),
    };
    await using stack = await startStack({ objects, protocol });
    const status = async () => (await sluice(['status', '--server', `http://${stack.server().adminAddress}`])).stdout;
    await waitFor('the refusal is told', async () => (await status()).includes('NACKED'));
    assert.equal((await http(taken.port, '/')).body, 'taken');
    await taken[Symbol.asyncDispose]();
    await waitFor('it listens', async () => (await http(taken.port, '/').catch(() => undefined))?.body === 'shop');
    await waitFor('nothing is refused', async () => !(await status()).includes('NACKED'));
  });
}
