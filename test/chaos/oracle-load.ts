import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Random } from '../fake/random.ts';
import { acceptedBy } from './accepted-by.ts';
import type { Fleet } from './fleet.ts';
import { type Answer, type Expected, isExplained } from './oracle.ts';
import type { World } from './world.ts';

/** Requests whose answers are compared with what the objects say. */
export interface OracleLoad extends AsyncDisposable {
  /** Requests that were answered as they may be. */
  explained(): number;
  /** Of these, by index of the Envoy. */
  readonly byEnvoy: readonly number[];
  /** Requests that were not, in words; never more than the first 20. */
  readonly unexplained: readonly string[];
  /** Sends no more and waits for the answers that are due. */
  stop(): Promise<void>;
}

export interface OracleLoadOptions {
  readonly world: World;
  readonly fleet: Fleet;
  readonly random: Random;
  readonly port: number;
  readonly perSecond: number;
}

const mostUnexplained = 20;
const answerWithinMs = 10_000;
const connections = 40;
const tickMs = 5;

/** Load on all paths alike, by connections that are kept. What fails is never tried again. */
export function startOracleLoad({ world, fleet, random, port, perSecond }: OracleLoadOptions): OracleLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const pids = fleet.envoys.map(({ pid }) => pid);
  const owners = new WeakMap<Socket, number | undefined>();
  const byEnvoy = pids.map(() => 0);
  const unexplained: string[] = [];
  const pending = new Set<Promise<void>>();
  const started = performance.now();
  let sent = 0;

  /** Index of the Envoy at the other end; undefined where that cannot be told any more. */
  function ownerOf(socket: Socket): number | undefined {
    if (!owners.has(socket)) {
      const pid = acceptedBy(pids, socket.localPort ?? 0, port);
      owners.set(socket, pid === undefined ? undefined : pids.indexOf(pid));
    }
    return owners.get(socket);
  }

  async function ask(): Promise<void> {
    const path = random.pick(world.paths);
    const sentAt = performance.now();
    const known = fleet.ways.map((way) => way.knownUntil());
    const { answer, socket } = await get(agent, port, path);
    const envoy = socket && ownerOf(socket);
    // Where nobody can tell which one it was, it may be the one that knows least.
    const knownUntil = envoy === undefined ? Math.min(...known) : (known[envoy] ?? 0);
    if (isExplained(answer, world.history(path), knownUntil, performance.now())) {
      if (envoy !== undefined) byEnvoy[envoy] = (byEnvoy[envoy] ?? 0) + 1;
    } else if (unexplained.length < mostUnexplained) {
      const seconds = (at: number): string => `${((at - started) / 1000).toFixed(2)} s`;
      const recent = world
        .history(path)
        .slice(-4)
        .map((one) => expectedWords(one, seconds));
      unexplained.push(
        `${seconds(sentAt)} ${path} by envoy-${envoy}, which knows all until ${seconds(knownUntil)}: ${answerWords(answer)}, where ${recent.join('; ')}`,
      );
    }
  }

  const ticking = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * perSecond;
    for (; sent < due; sent++) {
      const one = ask().finally(() => pending.delete(one));
      pending.add(one);
    }
  }, tickMs);

  async function stop(): Promise<void> {
    clearInterval(ticking);
    await Promise.all(pending);
    agent.destroy();
  }
  return { explained: () => byEnvoy.reduce((sum, count) => sum + count, 0), byEnvoy, unexplained, stop, [Symbol.asyncDispose]: stop };
}

function expectedWords({ route, since, writtenAt }: Expected, seconds: (at: number) => string): string {
  const what = route
    ? `edition ${route.edition} by ${route.led.map((position) => route.endpoints[position]).join(' or ')} of ${route.endpoints.join(', ')}`
    : 'no route';
  return `${what} from ${seconds(since)}${writtenAt === undefined ? ' (being written)' : ''}`;
}

function answerWords(answer: Answer): string {
  if (answer.type === 'failed') return answer.words;
  return answer.type === 'no route' ? answer.type : `edition ${answer.edition} by ${answer.backend}`;
}

interface Got {
  readonly answer: Answer;
  /** Undefined where there was no answer. */
  readonly socket?: Socket;
}

function get(agent: Agent, port: number, path: string): Promise<Got> {
  return new Promise((resolve) => {
    const fail = (words: string): void => resolve({ answer: { type: 'failed', words } });
    const call = request({ agent, host: '127.0.0.1', port, path, timeout: answerWithinMs }, (response) => {
      const { socket, headers, statusCode } = response;
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', (error) => fail(`cut off: ${error.message}`));
      response.on('end', () => {
        if (statusCode === 200) resolve({ socket, answer: { type: 'answered', backend: body, edition: Number(headers['x-edition']) } });
        else if (statusCode === 404 && body === '') resolve({ socket, answer: { type: 'no route' } });
        else resolve({ socket, answer: { type: 'failed', words: `${statusCode} ${body.slice(0, 100)}` } });
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${answerWithinMs} ms`)));
    call.on('error', (error) => fail(error.message));
    call.end();
  });
}
