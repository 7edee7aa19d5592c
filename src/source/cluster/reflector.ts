import type { Clock } from '../../clock.ts';
import { ApiError, statusError } from '../../kubernetes/api-error.ts';
import { createBackOff } from '../../kubernetes/back-off.ts';
import type { ClusterClient } from '../../kubernetes/client.ts';
import { pagesOf } from '../../kubernetes/pages.ts';
import { reasonOf } from '../../reason.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

/** What is read, and who is told. */
export interface ReflectorOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Where the objects are now; undefined: the API server has none of the kind. */
  readonly find: () => Promise<string | undefined>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Whether only the metadata of objects is read. */
  readonly isMetadataOnly: boolean;
  /** A page of a list: told before `onListed`, and again from the first page where a list had to be begun again. */
  readonly onPage: (items: readonly unknown[], isFirst: boolean) => Promise<void>;
  /** All pages were told. */
  readonly onListed: () => void;
  /** What was heard together. @param heardAt by `Clock.steady`. */
  readonly onEvents: (events: readonly ReflectorEvent[], heardAt: number) => void;
  /** How it goes; told when it changes. */
  readonly onState: (state: ReflectorState) => void;
}

export interface ReflectorEvent {
  readonly isGone: boolean;
  readonly object: unknown;
}

/**
 * `read`: objects are as the API server has them. `missing`: it has no such kind. `forbidden`: it may not be read. `away`: the
 * API server cannot be asked.
 */
export type ReflectorState = { readonly type: 'read' | 'missing' } | { readonly type: 'forbidden' | 'away'; readonly message: string };

/**
 * How long one watch goes on, in seconds. An API server says nothing while nothing happens, so a connection that is dead without a
 * word is found only by asking again; each asks at another time.
 */
const watchSeconds = { least: 30, most: 60 };
/** How long the end of a watch is waited for beyond its time, and its beginning. */
const graceMs = 10_000;
/** How often it is asked whether a kind has come, or may be read by now. */
const askAgainMs = 10_000;
/** A watch that ended sooner than this was of no use, and is not begun again at once. */
const shortestWatchMs = 1000;
/** An API server may ask for so much patience before that is told. */
const patienceMs = 30_000;
/** So many times the API server may refuse a watch before objects are listed again. */
const refusalsBeforeList = 3;

/**
 * Lists and watches the objects of one kind in one place until the signal aborts: pages, then events from there on. A watch that
 * ends is begun again where it ended; only where the API server does not remember that far are objects listed again.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function reflect(options: ReflectorOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, random, find, query, isMetadataOnly, onPage, onListed, onEvents, onState } = options;
  const backOff = createBackOff(random);
  /** A list and its items are other kinds. */
  const formOf = (kind: string): { readonly accept?: string } => (isMetadataOnly ? { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` } : {});
  let path: string | undefined;
  let version: string | undefined;
  let refusals = 0;
  /** Since when it asks for patience. Undefined: it answers. */
  let busySince: number | undefined;

  async function list(from: string): Promise<string> {
    let version = '';
    let isFirst = true;
    for await (const page of pagesOf(client, { path: from, query, ...formOf('PartialObjectMetadataList'), signal })) {
      await onPage(page.items, isFirst);
      isFirst = false;
      ({ version } = page);
    }
    return version;
  }

  async function watch(from: string, since: string): Promise<void> {
    const { least, most } = watchSeconds;
    const timeoutSeconds = Math.round(least + random() * (most - least));
    const ending = new AbortController();
    const cancel = clock.after(timeoutSeconds * 1000 + graceMs, () => ending.abort());
    const began = clock.steady();
    try {
      const stream = await client.stream({
        path: from,
        query: { ...query, watch: true, allowWatchBookmarks: true, resourceVersion: since, timeoutSeconds },
        ...formOf('PartialObjectMetadata'),
        timeoutMs: graceMs,
        signal: AbortSignal.any([signal, ending.signal]),
      });
      isRead();
      await follow(stream);
    } finally {
      cancel();
    }
    if (clock.steady() - began < shortestWatchMs) await pause(backOff.next());
    else backOff.reset();
  }

  /** A connection that ends, by the other side, on the way or by our own time, is nothing that anybody need know. */
  async function follow(stream: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const events of watchEvents(stream)) {
        take(events);
        refusals = 0;
      }
    } catch (error) {
      if (!isBroken(error)) throw error;
    }
  }

  /** @throws {ApiError} where the API server ends the watch. */
  function take(events: readonly WatchEvent[]): void {
    const heardAt = clock.steady();
    const found: ReflectorEvent[] = [];
    let failure: ApiError | undefined;
    for (const { type, object } of events) {
      if (type === 'ERROR') {
        failure = statusError(object);
        break;
      }
      version = (object as { readonly metadata?: { readonly resourceVersion?: string } }).metadata?.resourceVersion ?? version;
      if (type !== 'BOOKMARK') found.push({ isGone: type === 'DELETED', object });
    }
    if (found.length > 0) onEvents(found, heardAt);
    if (failure) throw failure;
  }

  function isRead(): void {
    busySince = undefined;
    onState({ type: 'read' });
  }

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = clock.after(milliseconds, end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });

  while (!signal.aborted) {
    try {
      path ??= await find();
      if (path === undefined) {
        version = undefined;
        onState({ type: 'missing' });
        await pause(askAgainMs * (0.5 + random() / 2));
        continue;
      }
      if (version === undefined) {
        version = await list(path);
        onListed();
        isRead();
        backOff.reset();
      }
      await watch(path, version);
    } catch (error) {
      if (signal.aborted) return;
      const message = reasonOf(error);
      if (!(error instanceof ApiError)) {
        onState({ type: 'away', message });
        await pause(backOff.next());
      } else if (error.status === 410) {
        version = undefined;
        await pause(backOff.next());
      } else if (error.status === 404) {
        // The CRD is gone, or serves other versions now.
        path = undefined;
        version = undefined;
        await pause(backOff.next());
      } else if (error.status === 403) {
        onState({ type: 'forbidden', message });
        await pause(askAgainMs * (0.5 + random() / 2));
      } else if (error.status === 429) {
        // It is there, and asks for patience: while it starts, or has too much to do.
        busySince ??= clock.steady();
        if (clock.steady() - busySince >= patienceMs) onState({ type: 'away', message: `the API server has too much to do: ${message}` });
        await pause(error.retryAfterMs ?? backOff.next());
      } else {
        onState({ type: 'away', message: `the API server answers ${error.status}: ${message}` });
        refusals += 1;
        if (refusals >= refusalsBeforeList) version = undefined;
        await pause(error.retryAfterMs ?? backOff.next());
      }
    }
  }
}

/** Whether an error is that of a connection. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && ['ECONNRESET', 'ABORT_ERR', 'EPIPE', 'ETIMEDOUT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
