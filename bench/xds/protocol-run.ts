import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { configOf } from '../sluice.ts';
import { quantile } from '../spread.ts';
import { captureOf, type RunContext } from './context.ts';
import { type Changed, type Connected, type Load, startLoad } from './load.ts';
import type { ProtocolMeasurement } from './measurement.ts';
import { writeObjects } from './objects.ts';
import type { BenchOptions, Protocol } from './options.ts';
import { type Control, type RunningServer, startControl, startSluice } from './server.ts';

/** Turns that the servers take, so that whatever else the machine does meets all of them. */
const turns = 2;
const deafTurns = 4;
/** For how long the control of the open loop runs at most: it holds nothing that could grow. */
const controlSeconds = 30;

/** Measures Sluice and its controls in one protocol, side by side. */
export async function runProtocol(protocol: Protocol, options: BenchOptions, context: RunContext): Promise<ProtocolMeasurement> {
  const { binaries, children, progress, signal } = context;
  const folder = await mkdtemp(join(context.root, `${protocol}-`));
  progress(`${protocol}: writing ${options.clusters} Services and starting Sluice …`);
  const objects = await writeObjects(folder, options.clusters);
  const sluice = await startSluice(context.sluice, objects, folder, children);
  const capture = join(folder, 'capture');
  await captureOf(sluice, options.clusters, context, capture);
  const loadOf = (server: RunningServer): Load =>
    startLoad({ binary: binaries.load, signal, server, protocol, nodes: options.nodes, services: options.clusters });

  const control = (which: Control): Promise<RunningServer> => startControl(which, binaries, capture, folder, children);
  const servers = { sluice, peer: await control('peer'), goSender: await control('goSender'), nodeSender: await control('nodeSender') };
  await using stack = new AsyncDisposableStack();
  const loads = {} as Record<keyof typeof servers, Load>;
  for (const name of keysOf(servers)) {
    loads[name] = stack.use(loadOf(servers[name]));
    stack.defer(() => servers[name].stop());
  }

  const cold = {} as Record<keyof typeof servers, Connected>;
  for (const name of keysOf(servers)) {
    progress(`${protocol}: connecting ${options.nodes} nodes to ${servers[name].name} …`);
    cold[name] = await loads[name].cold();
    progress(`${protocol}:   ${cold[name].seconds.toFixed(2)} s`);
  }

  const rounds = {} as Record<keyof typeof servers, Changed[]>;
  for (let turn = 0; turn < turns; turn++) {
    for (const name of keysOf(servers)) {
      const count = name === 'peer' ? options.peerChanges : options.changes;
      const share = Math.floor(count / turns) + (turn < count % turns ? 1 : 0);
      if (share === 0) continue;
      // Programs that are compiled while they run take some changes until they are. Of the peer, which is not, what only the first one costs does not count.
      if (turn === 0) await loads[name].changes(name === 'peer' ? 1 : 2 * options.changes);
      const changed = await loads[name].changes(share);
      rounds[name] = [...(rounds[name] ?? []), changed];
      progress(`${protocol}: ${share} changes through ${servers[name].name}: p99 ${p99Of(changed).toFixed(1)} ms, missed ${changed.missed}`);
    }
  }
  const changes = Object.fromEntries(keysOf(servers).map((name) => [name, together(rounds[name])])) as Record<keyof typeof servers, Changed>;

  let rate: ProtocolMeasurement['rate'];
  if (options.seconds > 0) {
    progress(`${protocol}: ${options.rate} changes a second for ${options.seconds} s …`);
    const sluiceRate = await loads.sluice.rate(options.rate, options.seconds);
    const nodeSender = await loads.nodeSender.rate(options.rate, Math.min(options.seconds, controlSeconds));
    rate = { sluice: { ...sluiceRate, residentBeforeMiB: changes.sluice.residentMiB }, nodeSender };
  }
  const deaf = await withAndWithoutDeaf(loads.sluice, options.changes, progress);
  progress(`${protocol}: all nodes come back at once …`);
  const reconnect = { unchanged: await loads.sluice.comeBack(false), changed: await loads.sluice.comeBack(true) };
  const { peakMiB } = reconnect.changed;
  return { cold: { sluice: cold.sluice, peer: cold.peer }, changes, ...(rate ? { rate } : {}), deaf, reconnect, peakMiB, config: await configOf(sluice) };
}

async function withAndWithoutDeaf(load: Load, count: number, progress: (line: string) => void): Promise<ProtocolMeasurement['deaf']> {
  const rounds: { without: Changed[]; with: Changed[] } = { without: [], with: [] };
  for (let turn = 0; turn < deafTurns; turn++) {
    rounds.without.push(await load.changes(Math.ceil(count / deafTurns)));
    await load.deaf();
    rounds.with.push(await load.changes(Math.ceil(count / deafTurns)));
    await load.undeaf();
  }
  const result = { without: together(rounds.without), with: together(rounds.with) };
  progress(`with a stream that reads nothing: p99 ${p99Of(result.with).toFixed(1)} ms, without ${p99Of(result.without).toFixed(1)} ms`);
  return result;
}

/** Several rounds of changes as one. */
function together(rounds: readonly Changed[]): Changed {
  const last = rounds.at(-1);
  if (!last) throw new Error('no changes were made');
  const sum = (of: (round: Changed) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    ...last,
    answers: sum((round) => round.answers),
    bytes: sum((round) => round.bytes),
    resources: sum((round) => round.resources),
    resourceBytes: sum((round) => round.resourceBytes),
    socketBytes: sum((round) => round.socketBytes),
    serverCpuSeconds: sum((round) => round.serverCpuSeconds),
    clientCpuSeconds: sum((round) => round.clientCpuSeconds),
    missed: sum((round) => round.missed),
    each: rounds.flatMap((round) => round.each),
  };
}

const p99Of = ({ each }: Changed): number => quantile(each.map(({ p99 }) => p99));

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] => Object.keys(record) as Key[];
