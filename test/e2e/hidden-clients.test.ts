import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayClassYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

const gateway = (name: string, port: number, config: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}}
spec:
  gatewayClassName: sluice
  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: ${config}}}
  listeners: [{name: http, port: ${port}, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: ${name}}]
  rules: [{matches: [{path: {type: PathPrefix, value: /shop}}], backendRefs: [{name: a, port: 80}]}]`;

const config = (name: string, spec: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: ${name}}
spec: {${spec}}`;

/** Enough for a whole sample: an Envoy tells by portions of 64 KiB, which are some 500 requests, and the rest half a minute later. */
const enough = 2000;

suite('gateways tell where their clients are hidden', () => {
  let backend: HttpBackend;
  let stack: Stack;
  /** Who connects is the client; a proxy in front is believed; nobody asks. */
  let ports: { readonly peer: number; readonly header: number; readonly unasked: number };

  before(async () => {
    backend = await startHttpBackend('a');
    ports = { peer: await freePort(), header: await freePort(), unasked: await freePort() };
    stack = await startStack({
      objects: {
        'class.yaml': gatewayClassYaml,
        'a.yaml': serviceYaml('a', [backend.port]),
        'configs.yaml': [
          config('all', 'clientCensus: {samplePercent: 100}'),
          config('header', 'clientAddress: {mode: XForwardedFor, trustedCIDRs: [127.0.0.0/8]}, clientCensus: {samplePercent: 100}'),
          config('none', 'clientCensus: {samplePercent: 0}'),
        ].join('\n---'),
        'gateways.yaml': [gateway('peer', ports.peer, 'all'), gateway('header', ports.header, 'header'), gateway('unasked', ports.unasked, 'none')].join(
          '\n---',
        ),
      },
    });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
  });

  /** Some at once, each by one of the clients in turn. */
  async function send(port: number, clients: readonly { readonly from?: string; readonly forwarded?: string }[], path = '/shop'): Promise<void> {
    const agents = clients.map(({ from }) => new Agent({ keepAlive: true, maxSockets: 1, ...(from !== undefined && { localAddress: from }) }));
    let sent = 0;
    const one = async (): Promise<void> => {
      while (sent < enough) {
        const number = sent++ % clients.length;
        const { forwarded } = clients[number] ?? {};
        const { status } = await http(port, path, { agent: agents[number] as Agent, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });
        assert.equal(status, path === '/shop' ? 200 : 404);
      }
    };
    await Promise.all(Array.from({ length: 20 }, one));
    for (const agent of agents) agent.destroy();
  }
  const diagnostics = async () => {
    const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/diagnostics`);
    const { diagnostics: found } = (await answer.json()) as { diagnostics: { code: string; message: string; remedy: string; at: { object: string } }[] };
    return found.filter(({ code }) => code === 'ClientsHidden');
  };
  const told = async () => (await diagnostics()).map(({ at, message }) => `${at.object}: ${message}`);
  const sampled = (port: number): number => {
    const listener = `default/${port}`;
    const version = stack.server().engine.written('default')?.resources.listeners.get(listener)?.version ?? '';
    const counts = stack.server().ads.clients.tally({ group: 'default', listener, version }, performance.now())?.counts.values() ?? [];
    return [...counts].reduce((sum, count) => sum + count, 0);
  };
  const few = (port: number): RegExp =>
    new RegExp(`^Gateway default/peer: Requests to port ${port} of group default come nearly all from 20 addresses or fewer`);
  const shared = (port: number): RegExp => new RegExp(`^Gateway default/header: Requests to port ${port} of group default come from 100.64.0.0/10`);

  test('not where there are many, nor of requests that no route takes, nor where nobody is asked', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ from: `127.0.${index >> 6}.${2 + (index & 63)}` }));
    await send(ports.unasked, [{}]);
    await send(ports.peer, [{}], '/nowhere');
    await send(ports.peer, many);
    await waitFor('the sample is whole', () => sampled(ports.peer) === 1000);
    assert.equal(sampled(ports.unasked), 0);
    await send(ports.header, [{ forwarded: '100.64.3.9' }]);
    await waitFor('that a load balancer hides the clients of another port is told', async () => (await diagnostics()).length > 0);
    const found = await told();
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', shared(ports.header));
  });

  test('where there is one, until there are many again', async () => {
    await send(ports.peer, [{}]);
    await waitFor('it is told', async () => (await told()).some((one) => few(ports.peer).test(one)));
    const status = (await (await fetch(`http://${stack.server().adminAddress}/api/v1/status`)).json()) as { diagnostics: { warning: number } };
    assert.ok(status.diagnostics.warning >= 1);
    await send(
      ports.peer,
      Array.from({ length: 200 }, (_, index) => ({ from: `127.0.${index >> 6}.${2 + (index & 63)}` })),
    );
    await waitFor('it is told no more', async () => !(await told()).some((one) => few(ports.peer).test(one)));
  });

  test('until somebody says who the clients are', async () => {
    await stack.write('more.yaml', config('header', 'clientCensus: {samplePercent: 100}'));
    await stack.write('configs.yaml', [config('all', 'clientCensus: {samplePercent: 100}'), config('none', 'clientCensus: {samplePercent: 0}')].join('\n---'));
    await waitFor('the other port is not told of any more', async () => (await diagnostics()).length === 0);
  });
});
