import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrationReport } from '../migrate/migration-report.ts';
import { sceneOf } from '../migrate/scene.ts';
import { logProbes } from '../migrate/verify/access-log.ts';
import { type Comparison, type Difference, differencesOf, isAlike } from '../migrate/verify/compare.ts';
import { derivedProbes, verifiedServers } from '../migrate/verify/derived.ts';
import { isSafe, type Probe, sampled } from '../migrate/verify/probe.ts';
import { type Disagreement, type Verification, verificationJson } from '../migrate/verify/verification.ts';
import type { Settings } from '../settings.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { buildFolders } from './folder-build.ts';
import type { VerifyOptions } from './migrate-verify.ts';
import { type Sending, sendProbe } from './probe-client.ts';
import { readFolders } from './read-folders.ts';
import { verificationText } from './verify-text.ts';

/** So many requests wait for their answers at once. */
const together = 16;

/** A gateway before and after the move, by the same scheme. */
interface Pair {
  readonly from: URL;
  readonly to: URL;
}

/**
 * Asks both gateways and prints in what they differ.
 * @throws {CommandError} where there is nothing to ask, or nobody answers.
 */
export async function verify(paths: readonly string[], options: VerifyOptions, settings: Settings, context: CommandContext): Promise<void> {
  const pairs = pairsOf(options);
  const sending: Sending = { headers: headersOf(options.header ?? []), timeoutMs: options.timeout * 1000, signal: context.signal };
  const { view, diagnostics } = buildFolders(readFolders(paths), settings, context.clock);
  const scene = sceneOf(view, settings, diagnostics);
  const unsent: Record<string, number> = {};
  const found = options.log ? await fromLogs(options.log, options.logHost, unsent) : derivedProbes(scene);
  const wanted = found.filter(({ host }) => options.only?.includes(host) ?? true);
  const allowed = wanted.filter((probe) => options.unsafe || isSafe(probe));
  if (options.log && allowed.length < wanted.length) unsent['methods that are not safe'] = wanted.length - allowed.length;
  const probes = sampled(allowed, options.sample);
  if (probes.length === 0) throw new CommandError('there is no request to send', { remedy: 'Name the objects that ingress-nginx serves.' });

  const asked = await askAll(probes, pairs, options, sending);
  if (asked.every(({ differences }) => differences.some(({ aspect, from, to }) => aspect === 'answer' && from === to))) {
    throw new CommandError(`nobody answers: ${asked[0]?.differences[0]?.from}`, { remedy: 'Say with --from and --to where the gateways listen.' });
  }
  const verification: Verification = {
    requests: asked.length,
    disagreements: asked.filter(({ differences }) => differences.length > 0),
    unstable: asked.reduce((sum, { unstable }) => sum + unstable, 0),
    split: asked.filter(({ probe }) => probe.isSplit).length,
    unsent,
  };
  const report = migrationReport(view, settings, diagnostics);
  const json = options.output === 'json';
  context.terminal.print(json ? JSON.stringify(verificationJson(verification, report), null, 2) : verificationText(verification, report, context.terminal));
  context.status = verification.disagreements.length > 0 ? 1 : 0;

  async function fromLogs(files: readonly string[], host: string | undefined, left: Record<string, number>): Promise<readonly Probe[]> {
    const lines = (await Promise.all(files.map(linesOf))).flat();
    const { probes: logged, unread, homeless } = logProbes(lines, verifiedServers(scene), host);
    if (unread > 0) left['lines of a form that is not known'] = unread;
    if (homeless > 0) left['lines without a host name: give one with --log-host'] = homeless;
    return logged;
  }
}

function pairsOf({ from, to }: VerifyOptions): readonly Pair[] {
  const pairs = from.flatMap((one) => to.filter(({ protocol }) => protocol === one.protocol).map((other) => ({ from: one, to: other })));
  const isWhole = [...from, ...to].every((url) => pairs.filter((pair) => pair.from === url || pair.to === url).length === 1);
  if (isWhole) return pairs;
  throw new CommandError('--from and --to do not go together', { remedy: 'Give one of each for http, one of each for https, or both.' });
}

function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*([\x20-\x7e]*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new CommandError(`${JSON.stringify(line)} is not a header`, { remedy: 'Write "Name: value".' });
      return [name, value];
    }),
  );
}

async function linesOf(file: string): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) lines.push(line);
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, { remedy: 'Name an access log.' });
  }
  return lines;
}

/** A request with what came of it. */
interface Asked extends Disagreement {
  readonly unstable: number;
}

/** Each request goes to both gateways of a pair at once; the next ones follow at the rate that is asked for. */
async function askAll(probes: readonly Probe[], pairs: readonly Pair[], options: VerifyOptions, sending: Sending): Promise<readonly Asked[]> {
  const work = probes.flatMap((probe) => pairs.map((pair) => ({ probe, pair })));
  const comparison: Comparison = {
    ...(options.backendHeader === undefined ? {} : { backendHeader: options.backendHeader }),
    ignored: new Set(options.ignoreHeader?.map((name) => name.toLowerCase())),
  };
  const asked: Asked[] = [];
  const begun = performance.now();
  let next = 0;
  let turns = 0;
  const turn = async (): Promise<void> => {
    const wait = begun + (turns++ * 1000) / options.rate - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal: sending.signal });
  };
  const worker = async (): Promise<void> => {
    while (next < work.length) {
      const index = next++;
      const one = work[index];
      if (one) asked[index] = await ask(one.probe, one.pair, comparison, sending, turn);
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  return asked;
}

/** Where the answers differ ingress-nginx is asked again: what it does not answer alike twice tells nothing. */
async function ask(probe: Probe, { from, to }: Pair, comparison: Comparison, sending: Sending, turn: () => Promise<void>): Promise<Asked> {
  await turn();
  const [first, second] = await Promise.all([sendProbe(probe, from, sending), sendProbe(probe, to, sending)]);
  const compared = (difference: Difference): boolean => !(probe.isSplit && difference.aspect === 'backend');
  const found = differencesOf(first, second, comparison).filter(compared);
  const url = `${from.protocol}//${probe.host}${probe.path}`;
  if (found.length === 0 || !isSafe(probe)) return { probe, url, differences: found, unstable: 0 };
  await turn();
  const changing = differencesOf(first, await sendProbe(probe, from, sending), comparison);
  // Twice no answer is as stable as it gets.
  const differences = found.filter((one) => one.aspect === 'answer' || !changing.some((other) => isAlike(one, other)));
  return { probe, url, differences, unstable: found.length - differences.length };
}
