import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-time.ts';
import { freePorts } from '../free-ports.ts';
import { startSluiceProcess } from '../sluice.ts';
import { quantile } from '../spread.ts';
import { requestsSince, startBenchCluster } from './cluster.ts';
import type { BenchContext } from './context.ts';
import type { RouteChanges, RouteTimes } from './measurement.ts';
import { backendAddress, backendPort, edge, endpointSlice, hostOf, httpRoute, podEndpoints, routesPath, service } from './objects.ts';
import { createProber } from './prober.ts';
import { untilWritten } from './status-run.ts';
import { startLoneEnvoy, tablesOf } from './table-file.ts';
import { startTappedEnvoy } from './tapped-envoy.ts';
import { startWatcher } from './watcher.ts';

const tableType = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
/** After a change, so that the next one meets a machine at rest, at another phase of whatever ticks. */
const gapMs = { least: 300, most: 400 };
/** Routes before those that count. */
const warmUp = 3;

/**
 * Creates one HTTPRoute after the other in a table of many, and asks a real Envoy until it is there. The control is an Envoy
 * that is given the same tables as a file.
 */
export async function measureRoutes(context: BenchContext): Promise<RouteChanges> {
  const { options, progress, sluice: program, children } = context;
  const folder = await mkdtemp(join(context.root, 'routes-'));
  await using cluster = await startBenchCluster(folder);
  progress(`creating ${options.table} HTTPRoutes …`);
  const routes = Array.from({ length: options.table }, (_, number) => httpRoute(number, 0));
  await cluster.create([...edge, service(0), endpointSlice(0, podEndpoints(0, 1, backendAddress)), ...routes]);
  const backend = createServer((_, response) => response.end()).listen(backendPort, backendAddress);
  await once(backend, 'listening');

  const { http, https } = await freePorts('http', 'https');
  const sources = ['--kubernetes', '--kubeconfig', cluster.kubeconfig];
  const sluice = await startSluiceProcess(program, sources, folder, children, ['--http-port', String(http), '--https-port', String(https)]);
  const each: RouteTimes[] = [];
  let before = { cpuSeconds: 0, requests: await cluster.requests() };
  const without = await tablesOf(sluice);
  let withProbe = without;
  {
    await using envoy = await startTappedEnvoy(sluice, join(folder, 'envoy'), context);
    using prober = createProber(http);
    using watcher = await startWatcher(cluster.client, routesPath);
    let sentAt: number | undefined;
    envoy.tap.onAnswer = ({ typeUrl, at }) => {
      if (typeUrl === tableType) sentAt ??= at;
    };
    await prober.until(hostOf(0), 200);
    await untilWritten(sluice, options.table);
    for (let round = -warmUp; round < options.rounds; round += 1) {
      if (round === 0) before = { cpuSeconds: await cpuSecondsOf(sluice.pid), requests: await cluster.requests() };
      const name = `probe-${round + warmUp}`;
      sentAt = undefined;
      const askedAt = performance.now();
      void cluster.client.ask({ method: 'POST', path: routesPath, body: httpRoute(name, 0) });
      const answeredAt = await prober.until(hostOf(name), 200);
      const heardAt = watcher.heardAt(`route-${name}`);
      if (heardAt === undefined || sentAt === undefined) throw new Error('a route is served that nobody heard of');
      if (round >= 0) each.push({ apiServer: heardAt - askedAt, sluice: sentAt - heardAt, envoy: answeredAt - sentAt });
      if (round === options.rounds - 1) withProbe = await tablesOf(sluice);
      await cluster.client.ask({ method: 'DELETE', path: `${routesPath}/route-${name}` });
      await prober.until(hostOf(name), 404);
      await pause();
    }
  }
  const cpuSeconds = (await cpuSecondsOf(sluice.pid)) - before.cpuSeconds;
  const requests = requestsSince(before.requests, await cluster.requests());

  const last = hostOf(`probe-${options.rounds - 1 + warmUp}`);
  const alone: number[] = [];
  {
    await using envoy = await startLoneEnvoy(context.envoy, sluice, without, join(folder, 'alone'), children);
    using prober = createProber(http);
    await prober.until(hostOf(0), 200);
    for (let round = -warmUp; round < options.rounds; round += 1) {
      const given = envoy.give(withProbe).then(() => performance.now());
      const [givenAt, answeredAt] = await Promise.all([given, prober.until(last, 200)]);
      if (round >= 0) alone.push(answeredAt - givenAt);
      await envoy.give(without);
      await prober.until(last, 404);
      await pause();
    }
  }
  await sluice.stop();
  backend.closeAllConnections();
  backend.close();
  const middle = quantile(each.map((one) => one.apiServer + one.sluice + one.envoy));
  progress(`a route to the first 200: ${middle.toFixed(1)} ms in the middle, Envoy alone ${quantile(alone).toFixed(1)} ms`);
  return { each, alone, tableBytes: withProbe.bytes, cpuSeconds, requests };
}

const pause = (): Promise<void> => sleep(gapMs.least + Math.random() * (gapMs.most - gapMs.least));
