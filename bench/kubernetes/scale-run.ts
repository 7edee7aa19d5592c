import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterClient } from '../../src/kubernetes/client.ts';
import { pathOf } from '../../src/kubernetes/discovery.ts';
import { cpuSecondsOf } from '../cpu-time.ts';
import { freePorts } from '../free-ports.ts';
import { memoryOf } from '../memory.ts';
import { type SluiceProcess, startSluiceProcess } from '../sluice.ts';
import { type BenchCluster, requestsSince, startBenchCluster } from './cluster.ts';
import type { BenchContext } from './context.ts';
import { measureEndpoints } from './endpoint-run.ts';
import type { EndpointChanges, FirstSnapshot, StatusWrites } from './measurement.ts';
import { edge, endpointSlice, httpRoute, ingress, ingressClass, podEndpoints, service } from './objects.ts';
import { measureStatus } from './status-run.ts';
import { startTappedEnvoy } from './tapped-envoy.ts';

/** Puts the whole size into an API server, starts Sluice on it, and changes slices while a real Envoy is connected. */
export async function measureScale(
  context: BenchContext,
): Promise<{ readonly first: FirstSnapshot; readonly status: StatusWrites; readonly endpoints: EndpointChanges }> {
  const { options, progress } = context;
  const folder = await mkdtemp(join(context.root, 'scale-'));
  await using cluster = await startBenchCluster(folder);
  progress(`creating ${options.services} Services and slices, ${options.ingresses} Ingresses, ${options.routes} HTTPRoutes …`);
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
  await cluster.create([
    ...edge,
    ...numbers(options.services).map(service),
    ...numbers(options.services).map((number) => endpointSlice(number, podEndpoints(number, options.endpoints))),
    ...numbers(options.ingresses).map((number) => ingress(number, options.services)),
    ...numbers(options.routes).map((number) => httpRoute(number, number % options.services)),
  ]);
  const control = await listAll(cluster.client);
  progress(`the same lists, only parsed: ${control.seconds.toFixed(1)} s`);
  const { sluice, first } = await start(cluster, folder, context);
  progress(`first snapshot after ${first.seconds.toFixed(1)} s, ${first.cpuSeconds.toFixed(1)} s CPU, at most ${first.memory.peakMiB.toFixed(0)} MiB`);
  await using envoy = await startTappedEnvoy(sluice, join(folder, 'envoy'), context);
  progress('Envoy has all of it');
  const status = await measureStatus(cluster, sluice, context);
  const endpoints = await measureEndpoints(cluster, sluice, envoy.tap, context);
  await sluice.stop();
  return { first: { ...first, control }, status, endpoints };
}

async function start(
  cluster: BenchCluster,
  folder: string,
  { sluice: program, children }: BenchContext,
): Promise<{ readonly sluice: SluiceProcess; readonly first: Omit<FirstSnapshot, 'control'> }> {
  const { http, https } = await freePorts('http', 'https');
  const before = await cluster.requests();
  const began = performance.now();
  const sources = ['--kubernetes', '--kubeconfig', cluster.kubeconfig, '--ingress-class', ingressClass];
  const sluice = await startSluiceProcess(program, sources, folder, children, ['--http-port', String(http), '--https-port', String(https)]);
  const seconds = (performance.now() - began) / 1000;
  const [cpuSeconds, memory] = [await cpuSecondsOf(sluice.pid), await memoryOf(sluice.pid)];
  return { sluice, first: { seconds, cpuSeconds, memory, requests: requestsSince(before, await cluster.requests()) } };
}

const listed = [
  { apiVersion: 'v1', plural: 'services' },
  { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  { apiVersion: 'networking.k8s.io/v1', plural: 'ingresses' },
  { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'httproutes' },
];
const pageSize = 500;

/** Reads the large lists at the same time, as a server does. */
async function listAll(client: ClusterClient): Promise<FirstSnapshot['control']> {
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  await Promise.all(
    listed.map(async (resource) => {
      let next: string | undefined;
      do {
        const page = (await client.ask({ path: pathOf(resource), query: { limit: pageSize, continue: next } })) as {
          readonly metadata: { readonly continue?: string };
        };
        next = page.metadata.continue || undefined;
      } while (next !== undefined);
    }),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}
