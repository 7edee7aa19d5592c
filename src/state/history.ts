import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../reason.ts';
import type { History, LoadedRevision } from '../revision/history.ts';
import { createAgesWriter } from './ages-writer.ts';
import { createBook } from './book.ts';
import { readContent, writeContent } from './content.ts';
import { createEndpointWriter } from './endpoint-writer.ts';
import type { Medium } from './medium.ts';
import { readServed } from './read-served.ts';
import type { Limits } from './retention.ts';
import { createWaitingRevisions } from './waiting-revisions.ts';

/** Endpoints are written no more often than this. */
const endpointsEveryMs = 1000;
/** Time until the next try after a failure. */
const retryMs = 5000;
/** Time between looks for what became too old, where nothing else is to be done. */
const pruneEveryMs = 60 * 60 * 1000;

/** What a history needs beside its medium. */
export interface HistoryOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Limits;
  /** Told of each failure to write, for metrics. */
  readonly onFailure?: () => void;
}

/**
 * A history over a medium. Callers only note what is to be written; one loop writes it behind, and what is referred to first:
 * bundles, the revision, the release that names it. Then what is too old goes.
 */
export function createHistory(medium: Medium, { clock, log, limits, onFailure }: HistoryOptions): History {
  const book = createBook(limits);
  const waiting = createWaitingRevisions();
  const releasesToWrite = new Set<string>();
  const endpoints = createEndpointWriter();
  const ages = createAgesWriter();
  let endpointsWrittenAt = Number.NEGATIVE_INFINITY;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  let failure: Diagnostic | undefined;
  let working: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;

  async function claim(): Promise<void> {
    if (!(await medium.claim())) return;
    const content = await medium.read();
    book.merge(content);
    for (const key of content.bundles) if (!book.bundle(key)) await medium.removeBundle(key);
  }

  function fail(error: unknown): void {
    const message = reasonOf(error);
    onFailure?.();
    if (!failure?.message.includes(message)) log.error({ err: error }, 'the history cannot be written, which is tried again');
    failure = diagnostic(
      'StateUnwritable',
      { file: medium.place },
      `The history cannot be written: ${message}.`,
      'Serving goes on. It is written as soon as that is possible again.',
    );
  }

  async function writeWaiting(): Promise<void> {
    for (const kept of waiting) {
      const bundles = await writeContent(medium, kept, book.bundle);
      const entry = book.fill(kept.record, bundles);
      if (entry) await medium.writeEntry(entry);
      waiting.done(kept);
    }
  }

  async function writeReleases(): Promise<void> {
    for (const group of releasesToWrite) {
      // Forgotten before it is written: what comes meanwhile is written in the next round.
      releasesToWrite.delete(group);
      const release = book.releaseOf(group);
      try {
        if (release) await medium.writeRelease(release);
      } catch (error) {
        releasesToWrite.add(group);
        throw error;
      }
    }
  }

  async function prune(): Promise<void> {
    prunedAt = clock.now();
    const { entries, emptied, groups } = book.prune(prunedAt);
    for (const { record } of entries) await medium.removeEntry(record);
    for (const entry of emptied) await medium.writeEntry(entry);
    if (emptied.length > 0) log.warn({ revisions: emptied.map(({ record }) => record.revision) }, 'old revisions lost their content, as the history is full');
    for (const group of groups) {
      endpoints.forget(group);
      await medium.removeGroup(group);
    }
    for (const key of book.takeUnused()) await medium.removeBundle(key);
  }

  const areEndpointsDue = (): boolean => endpoints.isDue() || ages.isDue();
  const endpointsWaitMs = (): number => endpointsWrittenAt + endpointsEveryMs - clock.steady();

  /** One round of everything that is due. */
  async function write(): Promise<void> {
    await opened;
    await claim();
    const hasNew = !waiting.isEmpty();
    await writeWaiting();
    await writeReleases();
    if (hasNew || Math.abs(clock.now() - prunedAt) >= pruneEveryMs) await prune();
    if (areEndpointsDue() && (isStopped || endpointsWaitMs() <= 0)) {
      endpointsWrittenAt = clock.steady();
      // Before the endpoints: one that is known and has no age counts as aged.
      await ages.write(medium);
      await endpoints.write(medium);
    }
    failure = undefined;
  }

  const isWorkDue = (): boolean => !waiting.isEmpty() || releasesToWrite.size > 0 || (areEndpointsDue() && endpointsWaitMs() <= 0);

  async function work(): Promise<void> {
    cancelTimer?.();
    cancelTimer = undefined;
    // What was just published goes first: streams write it in this turn of the event loop, and it leaves the process in the next one.
    for (let turns = 0; turns < 2; turns++) await setImmediate();
    try {
      do await write();
      while (isWorkDue() && !isStopped);
    } catch (error) {
      fail(error);
    }
    working = undefined;
    if (!isStopped) wakeIn(failure ? retryMs : areEndpointsDue() ? Math.max(0, endpointsWaitMs()) : pruneEveryMs);
  }

  function wakeIn(delayMs: number): void {
    cancelTimer?.();
    cancelTimer = clock.after(delayMs, start);
  }

  function start(): void {
    working ??= work();
  }

  /** After a failure the next try has its time; else at once. */
  function wake(): void {
    if (isStopped || working || failure) return;
    if (isWorkDue()) start();
    else if (areEndpointsDue()) wakeIn(Math.max(0, endpointsWaitMs()));
  }

  async function load(group: string, revision: string): Promise<LoadedRevision | undefined> {
    await opened;
    const kept = waiting.get(group, revision);
    if (kept) return { ...kept, missingSecrets: new Map() };
    const entry = book.find(group, revision);
    if (!entry?.bundles) return undefined;
    const found = await readContent(medium, entry, entry.bundles);
    if (!('lost' in found)) return found;
    book.lose(found.lost);
    return undefined;
  }

  /** What another process has taken, or what cannot be written, can be read all the same. */
  async function open(): Promise<void> {
    try {
      await claim();
    } catch (error) {
      fail(error);
      book.merge(await medium.read());
    }
    if (failure) wakeIn(retryMs);
  }

  // Before all else, as Envoys may be waiting for it. What is broken is told by what is read after it, too.
  const before = readServed(medium).then((found) => {
    for (const [group, known] of found.endpoints) endpoints.known(group, known);
    return found;
  });
  const lastAges = before.then(() => medium.readAges()).then((kept) => (kept ? ages.known(kept) : {}));
  const opened = lastAges.then(open).then(async () => {
    for (const key of (await before).lostBundles) book.lose(key);
  });

  return {
    keep({ record, snapshot, endpointOrigins }) {
      const secrets = [...snapshot.resources.secrets.values()].map(({ name, version }) => [name, version] as const);
      book.keep(record, secrets, clock.now());
      const kept = { record, endpointOrigins, snapshot: { ...snapshot, resources: { ...snapshot.resources, endpoints: new Map() } } };
      waiting.add(kept, book.releaseOf(record.group)?.release?.served);
      wake();
    },
    records: (group) => book.list(group),
    load,
    release(group, release) {
      book.release(group, release);
      releasesToWrite.add(group);
      wake();
    },
    endpoints(group, now) {
      endpoints.take(group, now);
      wake();
    },
    ages(now) {
      ages.take(now);
      wake();
    },
    retire(group) {
      book.retire(group, clock.now());
      releasesToWrite.add(group);
      wake();
    },
    opened: () => opened,
    lastServed: async () => (await before).served,
    lastAges: () => lastAges,
    diagnostics: () => [...medium.diagnostics(), ...(failure ? [failure] : [])],
    place: medium.place,
    keepsSecrets: medium.keepsSecrets,
    usage: () => book.usage(),
    async stop() {
      if (isStopped) return;
      isStopped = true;
      cancelTimer?.();
      await opened;
      await working;
      await work();
      await medium.close();
    },
  };
}
