import type { Figure } from '../figure.ts';
import { quantile } from '../spread.ts';
import type { Changed, Reached } from './load.ts';
import type { EnvoyMeasurement, Measurement, Moved, ProtocolMeasurement } from './measurement.ts';
import type { Protocol } from './options.ts';

/** One line of the report. */
export interface XdsFigure extends Figure {
  readonly part: Protocol | 'envoy';
}

/** The size that the aims are for. At another one they say nothing. */
export const aimedSize = { nodes: 1000, clusters: 5000 };

type Aim = 'at least' | 'at most';

/** All lines of the report, in its order. */
export function figures({ protocols, envoy, options }: Measurement): readonly XdsFigure[] {
  const isAimed = options.nodes === aimedSize.nodes && options.clusters === aimedSize.clusters;
  const ofProtocols = Object.entries(protocols).flatMap(([protocol, measured]) => protocolFigures(protocol as Protocol, measured, options.nodes));
  const all = [...ofProtocols, ...(envoy ? envoyFigures(envoy) : [])];
  return isAimed ? all : all.map(({ aim: _aim, ...figure }) => figure);
}

function protocolFigures(part: Protocol, { cold, changes, rate, deaf, reconnect, peakMiB }: ProtocolMeasurement, nodes: number): readonly XdsFigure[] {
  const isDelta = part === 'delta';
  const peer = 'go-control-plane';
  const { sluice } = changes;
  const better = (what: string, unit: string, own: number, other: number, least?: number): XdsFigure =>
    compared(part, what, unit, own, { name: peer, value: other }, other / own, least === undefined ? undefined : ['at least', least]);
  const near = (what: string, own: number, name: string, value: number, most?: number): XdsFigure =>
    compared(part, what, 'ms', own, { name, value }, own / value, most === undefined ? undefined : ['at most', most]);
  const plain = (what: string, unit: string, own: number, most?: number): XdsFigure => ({
    part,
    what,
    unit,
    sluice: own,
    ...(most === undefined ? {} : { aim: { text: most === 0 ? 'none' : `at most ${most}`, met: own <= most } }),
  });
  const senderAim = isDelta ? 1.6 : undefined;
  return [
    better('cold start, all nodes', 's', cold.sluice.seconds, cold.peer.seconds, 6),
    better('cold start, CPU', 's', cold.sluice.serverCpuSeconds, cold.peer.serverCpuSeconds),
    better('change, first node', 'ms', middle(sluice, 'first'), middle(changes.peer, 'first')),
    better('change, p50 of nodes', 'ms', middle(sluice, 'p50'), middle(changes.peer, 'p50')),
    better('change, p99 of nodes', 'ms', middle(sluice, 'p99'), middle(changes.peer, 'p99'), isDelta ? 20 : 15),
    near('change, p99 of nodes', middle(sluice, 'p99'), 'bare sender, grpc-js', middle(changes.nodeSender, 'p99'), senderAim),
    near('change, p99 of nodes', middle(sluice, 'p99'), 'bare sender, grpc-go', middle(changes.goSender, 'p99'), senderAim),
    better('change, last node', 'ms', middle(sluice, 'max'), middle(changes.peer, 'max')),
    better('change, CPU', 's', cpuEach(sluice), cpuEach(changes.peer), isDelta ? 40 : undefined),
    compared(
      part,
      'change, CPU',
      's',
      cpuEach(sluice),
      { name: 'bare sender, grpc-js', value: cpuEach(changes.nodeSender) },
      cpuEach(sluice) / cpuEach(changes.nodeSender),
    ),
    better('change, bytes to a node', 'B', bytesEach(sluice, nodes), bytesEach(changes.peer, nodes)),
    plain('changes that a node missed', '', sluice.missed + cold.sluice.missed, 0),
    plain('peak memory', 'MiB', peakMiB, isDelta ? 400 : 700),
    better('memory when all are connected', 'MiB', cold.sluice.residentMiB, cold.peer.residentMiB),
    ...(rate
      ? [
          plain('open loop, missed', '', rate.sluice.missed, 0),
          near('open loop, p99 of nodes', middle(rate.sluice, 'p99'), 'one by one', middle(sluice, 'p99'), 1.5),
          near('open loop, p99 of nodes', middle(rate.sluice, 'p99'), 'bare sender, grpc-js', middle(rate.nodeSender, 'p99')),
          plain(
            'open loop, p99 of the slowest change in a hundred',
            'ms',
            quantile(
              rate.sluice.each.map(({ p99 }) => p99),
              0.99,
            ),
          ),
          compared(
            part,
            'open loop, memory at the end',
            'MiB',
            rate.sluice.residentMiB,
            { name: 'at the begin', value: rate.sluice.residentBeforeMiB },
            rate.sluice.residentMiB / rate.sluice.residentBeforeMiB,
            ['at most', 1.1],
          ),
        ]
      : []),
    near('beside a stream that never reads, p99', middle(deaf.with, 'p99'), 'without it', middle(deaf.without, 'p99'), 1.1),
    plain('all come back, resource bytes', 'B', reconnect.unchanged.resourceBytes, isDelta ? 0 : undefined),
    compared(
      part,
      'all come back, until quiet',
      's',
      reconnect.unchanged.seconds,
      { name: 'cold start', value: cold.sluice.seconds },
      reconnect.unchanged.seconds / cold.sluice.seconds,
      isDelta ? ['at most', 0.33] : undefined,
    ),
    plain('all come back, p99 of what changed', 'ms', reconnect.changed.changeMs.p99),
    plain('all come back, missed', '', reconnect.changed.missed, 0),
  ];
}

function envoyFigures({ sluice, alone, peer, goSender }: EnvoyMeasurement): readonly XdsFigure[] {
  const p50 = (moved: Moved): number => quantile(moved.timesMs);
  const p99 = (moved: Moved): number => quantile(moved.timesMs, 0.99);
  const near = (what: string, of: (moved: Moved) => number, name: string, control: Moved, most?: number): XdsFigure =>
    compared('envoy', what, 'ms', of(sluice), { name, value: of(control) }, of(sluice) / of(control), most === undefined ? undefined : ['at most', most]);
  return [
    near('change to moved traffic, p50', p50, 'bare sender, grpc-go', goSender, 4),
    near('change to moved traffic, p50', p50, 'Envoy alone, by a file', alone, 4),
    compared('envoy', 'change to moved traffic, p50', 'ms', p50(sluice), { name: 'go-control-plane', value: p50(peer) }, p50(peer) / p50(sluice)),
    near('change to moved traffic, p99', p99, 'bare sender, grpc-go', goSender),
    near('change to moved traffic, p99', p99, 'Envoy alone, by a file', alone),
    { part: 'envoy', what: 'requests that failed', unit: '', sluice: sluice.failed, aim: { text: 'none', met: sluice.failed === 0 } },
  ];
}

function compared(
  part: XdsFigure['part'],
  what: string,
  unit: string,
  sluice: number,
  control: { readonly name: string; readonly value: number },
  ratio: number,
  aim?: readonly [Aim, number],
): XdsFigure {
  const figure: XdsFigure = { part, what, unit, sluice, control, ratio };
  if (!aim) return figure;
  const [how, bound] = aim;
  return { ...figure, aim: { text: `${how} ${bound}`, met: how === 'at least' ? ratio >= bound : ratio <= bound } };
}

/** A figure of the middle one of all changes. */
export const middle = (changed: Changed, figure: keyof Reached): number => quantile(changed.each.map((one) => one[figure]));

/** Of the server, in seconds for one change. */
export const cpuEach = (changed: Changed): number => changed.serverCpuSeconds / changed.each.length;

const bytesEach = (changed: Changed, nodes: number): number => changed.bytes / changed.each.length / nodes;
