import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import type { Facts } from '../../src/conditions/facts.ts';
import type { ClusterClient } from '../../src/kubernetes/client.ts';
import { createLiveObjects } from '../../src/kubernetes/live-objects.ts';
import type { WriterContext } from '../../src/writing/cluster-writes.ts';
import { createFakeClock, type FakeClock } from './clock.ts';

/** What a writer is made with, and what it did. */
export interface FakeWriterContext {
  readonly context: WriterContext;
  /** Its warnings, one line each. */
  readonly logged: readonly string[];
  /** Lets time pass, with all requests answered at once. */
  pass(milliseconds: number): Promise<void>;
}

interface Options extends Partial<Omit<WriterContext, 'client' | 'clock' | 'facts' | 'log'>> {
  /** What is known; no Envoys and no diagnostics where it says nothing of them. */
  readonly facts: Pick<Facts, 'view'> & Partial<Facts>;
  /** Answers as the API server. */
  readonly ask: ClusterClient['ask'];
}

/** A context of a writer that may write everywhere, with an API server that a test plays. */
export function createWriterContext({ facts, ask, ...others }: Options): FakeWriterContext {
  const clock = createFakeClock();
  const logged: string[] = [];
  const known: Facts = { diagnostics: [], attachedRoutes: new Map(), groups: new Map(), gatewayAddresses: new Map(), ingress: {}, ...facts };
  const context: WriterContext = {
    client: { ask } as Partial<ClusterClient> as ClusterClient,
    clock,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    facts: () => known,
    identity: 'a',
    namespaces: [],
    live: createLiveObjects(new Set()),
    mayWrite: () => true,
    onWrite: () => undefined,
    ...others,
  };
  return { context, logged, pass: (milliseconds) => passTime(clock, milliseconds) };
}

/** Lets time pass in steps of 100 ms, in each of which a few requests after each other are answered. */
export async function passTime(clock: FakeClock, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    clock.advance(100);
    for (let turns = 0; turns < 5; turns++) await turn();
  }
}
