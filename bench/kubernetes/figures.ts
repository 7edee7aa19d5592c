import type { Figure } from '../figure.ts';
import { quantile } from '../spread.ts';
import { countOf } from './cluster.ts';
import type { Measurement } from './measurement.ts';

/** A line of the report. */
export interface KubernetesFigure extends Figure {
  readonly part: 'first' | 'status' | 'endpoints' | 'routes';
}

/** The sizes that the aims are for, at least. At smaller ones they say nothing. */
export const aimedSize = { services: 5000, endpoints: 10, ingresses: 5000, routes: 5000, rate: 50, table: 3000 } as const;

/** All lines of the report, in its order. */
export function figures(measurement: Measurement): readonly KubernetesFigure[] {
  const { options } = measurement;
  const isAimed = Object.entries(aimedSize).every(([name, least]) => options[name as keyof typeof aimedSize] >= least);
  const all = [...firstFigures(measurement), ...statusFigures(measurement), ...endpointFigures(measurement), ...routeFigures(measurement)];
  return isAimed ? all : all.map(({ aim: _, ...figure }) => figure);
}

const atMost = (value: number, most: number): { readonly aim: NonNullable<Figure['aim']> } => ({
  aim: { text: most === 0 ? 'none' : `at most ${most}`, met: value <= most },
});

const peakAimMiB = 600;

function firstFigures({ first }: Measurement): readonly KubernetesFigure[] {
  const { seconds, cpuSeconds, memory, requests, control } = first;
  const part = 'first';
  const beside = (own: number, value: number) => ({ control: { name: 'the lists only parsed', value }, ratio: own / value });
  return [
    { part, what: 'start until ready', unit: 's', sluice: seconds, ...beside(seconds, control.seconds) },
    { part, what: 'CPU of it', unit: 's', sluice: cpuSeconds, ...beside(cpuSeconds, control.cpuSeconds) },
    { part, what: 'peak memory', unit: 'MiB', sluice: memory.peakMiB, ...atMost(memory.peakMiB, peakAimMiB) },
    { part, what: 'memory when ready', unit: 'MiB', sluice: memory.residentMiB },
    { part, what: 'requests that read', unit: '', sluice: countOf(requests, ['get', 'list', 'watch']) },
    { part, what: 'requests that write', unit: '', sluice: countOf(requests) },
  ];
}

function statusFigures({ status: { seconds, cpuSeconds, objects, writes, memory } }: Measurement): readonly KubernetesFigure[] {
  const part = 'status';
  const again = writes - objects;
  return [
    { part, what: 'until all are written', unit: 's', sluice: seconds },
    { part, what: 'CPU of it', unit: 's', sluice: cpuSeconds },
    { part, what: 'peak memory', unit: 'MiB', sluice: memory.peakMiB, ...atMost(memory.peakMiB, peakAimMiB) },
    { part, what: 'objects written', unit: '', sluice: objects },
    { part, what: 'written more than once', unit: '', sluice: again, ...atMost(again, writtenAgain) },
  ];
}

/** The Gateway says more when an Envoy comes. */
const writtenAgain = 1;

const endpointShareMs = 20;

function endpointFigures({ endpoints }: Measurement): readonly KubernetesFigure[] {
  const { each, missed, refused, cpuSeconds, memory, requests } = endpoints;
  const part = 'endpoints';
  const api = each.map((one) => one.apiServer);
  const whole = each.map((one) => one.apiServer + one.sluice + one.envoy);
  const own = each.map((one) => one.sluice);
  const envoy = each.map((one) => one.envoy);
  const beside = (share: number) => ({
    control: { name: 'until a watcher hears it', value: quantile(api, share) },
    ratio: quantile(whole, share) / quantile(api, share),
  });
  const p99 = quantile(own, 0.99);
  return [
    { part, what: 'change to ACK, p50', unit: 'ms', sluice: quantile(whole), ...beside(0.5) },
    { part, what: 'change to ACK, p99', unit: 'ms', sluice: quantile(whole, 0.99), ...beside(0.99) },
    { part, what: 'of it in Sluice, p50', unit: 'ms', sluice: quantile(own) },
    { part, what: 'of it in Sluice, p99', unit: 'ms', sluice: p99, ...atMost(p99, endpointShareMs) },
    { part, what: 'of it in Envoy, p50', unit: 'ms', sluice: quantile(envoy) },
    { part, what: 'of it in Envoy, p99', unit: 'ms', sluice: quantile(envoy, 0.99) },
    { part, what: 'CPU of a change', unit: 'ms', sluice: (cpuSeconds * 1000) / each.length },
    { part, what: 'peak memory', unit: 'MiB', sluice: memory.peakMiB, ...atMost(memory.peakMiB, peakAimMiB) },
    { part, what: 'changes missed or refused', unit: '', sluice: missed + refused, ...atMost(missed + refused, 0) },
    { part, what: 'requests that read', unit: '', sluice: countOf(requests, ['get', 'list', 'watch']) },
    { part, what: 'requests that write', unit: '', sluice: countOf(requests) },
  ];
}

const routeShareMs = 15;
const routeRatio = 1.5;

function routeFigures({ routes }: Measurement): readonly KubernetesFigure[] {
  if (!routes) return [];
  const { each, alone, cpuSeconds, requests } = routes;
  const part = 'routes';
  const whole = each.map((one) => one.apiServer + one.sluice + one.envoy);
  const own = quantile(each.map((one) => one.sluice));
  const beside = (value: number, share: number) => ({
    control: { name: 'Envoy alone, by a file', value: quantile(alone, share) },
    ratio: value / quantile(alone, share),
  });
  const ratio = quantile(whole) / quantile(alone);
  return [
    { part, what: 'created to first 200, p50', unit: 'ms', sluice: quantile(whole), ...beside(quantile(whole), 0.5), ...atMost(ratio, routeRatio) },
    { part, what: 'created to first 200, p99', unit: 'ms', sluice: quantile(whole, 0.99), ...beside(quantile(whole, 0.99), 0.99) },
    { part, what: 'of it until a watcher hears it, p50', unit: 'ms', sluice: quantile(each.map((one) => one.apiServer)) },
    { part, what: 'of it from there until it is sent, p50', unit: 'ms', sluice: own, ...atMost(own, routeShareMs) },
    { part, what: 'of it from there to the first 200, p50', unit: 'ms', sluice: quantile(each.map((one) => one.envoy)) },
    { part, what: 'CPU of a route that comes and goes', unit: 'ms', sluice: (cpuSeconds * 1000) / each.length },
    { part, what: 'requests that write, for each that comes or goes', unit: '', sluice: countOf(requests) / each.length / 2 },
  ];
}
