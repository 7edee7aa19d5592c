import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { createChildren } from '../../src/launch/children.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { install } from '../bench/parts.ts';
import { freePort, isFree } from '../e2e/port.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { watchCluster } from './watched-cluster.ts';

if (!isInNamespace) {
  test('the API server is asked through proxies', { timeout: 900_000 }, async () => {
    await install({ tinyproxy: 'tinyproxy-bin', microsocks: 'microsocks' });
    await runInNamespace(import.meta.filename);
  });
} else {
  const service = (name: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]}\n`;

  /** An address that is not of loopback, at which the API server is reached. */
  const address = '10.250.0.1';

  interface Stack {
    readonly cluster: ApiServer;
    readonly port: number;
    /** A kubeconfig by which the API server has that address. @param cluster more that it says of the cluster. */
    kubeconfig(cluster?: Readonly<Record<string, string>>): string;
    /** Starts a program that listens on a free port. @returns what stops it. */
    start(command: string, args: readonly string[], port: number): Promise<() => Promise<void>>;
    readonly folder: string;
  }

  async function startStack(t: TestContext): Promise<Stack> {
    const cluster = await startApiServer({ crds: false });
    const folder = mkdtempSync(join(tmpdir(), 'sluice-proxy-'));
    const children = createChildren();
    const relay = createServer((socket) => {
      const other = connect(cluster.port, '127.0.0.1');
      socket.on('error', () => other.destroy());
      other.on('error', () => socket.destroy());
      socket.pipe(other).pipe(socket);
    }).listen(cluster.port, address);
    await once(relay, 'listening');
    t.after(async () => {
      await children.stop();
      await cluster.close();
      relay.close();
      rmSync(folder, { recursive: true, force: true });
    });
    let files = 0;
    return {
      cluster,
      port: cluster.port,
      folder,
      kubeconfig(more = {}) {
        const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { clusters: { cluster: object }[] };
        const server = { server: `https://${address}:${cluster.port}`, 'tls-server-name': 'kubernetes.default.svc' };
        for (const one of config.clusters) Object.assign(one.cluster, server, more);
        const path = join(folder, `kubeconfig-${files++}`);
        writeFileSync(path, JSON.stringify(config));
        return path;
      },
      async start(command, args, port) {
        const child = children.start({ command, args, logFile: join(folder, `${command}.log`) });
        await waitFor(`${command} listens`, async () => !(await isFree(port)));
        return child.stop;
      },
    };
  }

  /** @returns what reads its log, and what stops it. */
  async function startTinyproxy({ folder, start }: Stack, port: number, more = ''): Promise<{ log(): string; stop(): Promise<void> }> {
    const file = join(folder, 'tinyproxy.conf');
    writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 100\nLogLevel Info\n${more}`);
    const stop = await start('tinyproxy', ['-d', '-c', file], port);
    return { log: () => readFileSync(join(folder, 'tinyproxy.log'), 'utf8'), stop };
  }

  async function withEnvironment(variables: Readonly<Record<string, string>>, run: () => Promise<void>): Promise<void> {
    Object.assign(process.env, variables);
    try {
      await run();
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  }

  test('HTTPS_PROXY: lists and watches go through it, and on when it comes back', { timeout: 600_000 }, async (t) => {
    const stack = await startStack(t);
    const port = await freePort();
    const proxy = await startTinyproxy(stack, port, 'BasicAuth sluice secret\n');
    await withEnvironment({ HTTPS_PROXY: `http://sluice:secret@127.0.0.1:${port}`, NO_PROXY: '192.168.0.0/16' }, async () => {
      await using watched = watchCluster({ kubeconfig: stack.kubeconfig() });
      await waitFor('the first list', () => watched.lists() === 1, 60_000);
      assert.ok(proxy.log().includes(`CONNECT ${address}:${stack.port}`), proxy.log());
      await stack.cluster.apply(service('a'));
      await waitFor('the event', () => watched.objects('Service').includes('Service default/a'));
      await proxy.stop();
      await waitFor('it is told', () => watched.codes().some((code) => code.startsWith('SourceUnavailable')), 60_000);
      assert.ok(!watched.log.join('\n').includes('secret'));
      await stack.cluster.apply(service('b'));
      await startTinyproxy(stack, port, 'BasicAuth sluice secret\n');
      await waitFor('what happened meanwhile', () => watched.objects('Service').includes('Service default/b'), 60_000);
    });
  });

  test('a proxy that refuses says so; NO_PROXY and loopback go past it', async (t) => {
    const stack = await startStack(t);
    const port = await freePort();
    const proxy = await startTinyproxy(stack, port, 'BasicAuth sluice secret\n');
    const ask = async (kubeconfig: string): Promise<unknown> => {
      const client = createClusterClient({ kubeconfig }, systemClock);
      try {
        return await client.ask({ path: '/version' });
      } finally {
        client.close();
      }
    };
    const HTTPS_PROXY = `http://sluice:wrong@127.0.0.1:${port}`;
    await withEnvironment({ HTTPS_PROXY }, async () => {
      await assert.rejects(
        ask(stack.kubeconfig()),
        (error: Error) => /tunnel/.test(error.message) && /401|407/.test(error.message) && !error.message.includes('wrong'),
      );
      await ask(stack.cluster.kubeconfig);
    });
    await withEnvironment({ HTTPS_PROXY, NO_PROXY: '10.250.0.0/16' }, async () => {
      await ask(stack.kubeconfig());
    });
    // What the kubeconfig names counts for every address.
    const named = `http://sluice:secret@127.0.0.1:${port}`;
    const loopback = JSON.parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as { clusters: { cluster: object }[] };
    for (const one of loopback.clusters) Object.assign(one.cluster, { 'proxy-url': named });
    writeFileSync(join(stack.folder, 'loopback'), JSON.stringify(loopback));
    await withEnvironment({ NO_PROXY: '*' }, async () => {
      await ask(join(stack.folder, 'loopback'));
    });
    assert.ok(proxy.log().includes(`CONNECT 127.0.0.1:${stack.port}`), proxy.log());
  });

  test('proxy-url may name a SOCKS proxy', { timeout: 600_000 }, async (t) => {
    const stack = await startStack(t);
    const port = await freePort();
    const stop = await stack.start('microsocks', ['-i', '127.0.0.1', '-p', String(port), '-u', 'sluice', '-P', 'secret'], port);
    await using watched = watchCluster({ kubeconfig: stack.kubeconfig({ 'proxy-url': `socks5://sluice:secret@127.0.0.1:${port}` }) });
    await waitFor('the first list', () => watched.lists() === 1, 60_000);
    await stack.cluster.apply(service('a'));
    await waitFor('the event', () => watched.objects('Service').includes('Service default/a'));
    await stop();
    await waitFor('it is told', () => watched.codes().some((code) => code.startsWith('SourceUnavailable')), 60_000);
  });
}
