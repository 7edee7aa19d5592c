import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Clock } from '../clock.ts';
import type { Settings } from '../settings.ts';
import { configApi } from './api/config.ts';
import { diagnosticsApi } from './api/diagnostics.ts';
import { diffApi } from './api/diff.ts';
import { encodedApi } from './api/encoded.ts';
import { explainApi } from './api/explain.ts';
import { historyApi } from './api/history.ts';
import { releaseApi } from './api/release.ts';
import { resourcesApi } from './api/resources.ts';
import { snapshotApi } from './api/snapshot.ts';
import { splitsApi } from './api/splits.ts';
import { statusApi } from './api/status.ts';
import { streamApi } from './api/stream.ts';
import { whyApi } from './api/why.ts';
import { ApiError } from './api-error.ts';
import type { Changes } from './changes.ts';
import type { Served } from './served.ts';

/** What the API answers from and by. */
export interface ApiOptions {
  readonly served: Served;
  readonly settings: Settings;
  readonly clock: Clock;
  /** Version of Sluice. */
  readonly version: string;
  /** What can be followed; undefined: one build of a folder, which never changes. */
  readonly changes?: Changes;
  /** Told of an error that is a bug of ours; the caller gets 500 without its words. */
  readonly onBug: (error: unknown) => void;
}

/** More than any request of a person or a script needs. */
const maxBodyBytes = 1024 * 1024;

/**
 * The API under `/api/v1/`, without rules of access: the server puts these in front, and commands that work on a folder
 * call it in their own process, so that both give the same answers.
 */
export function createApi({ served, settings, clock, version, changes, onBug }: ApiOptions): Hono {
  const app = new Hono().basePath('/api/v1');
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: () => fail(new ApiError('TooLarge', `the body is larger than ${maxBodyBytes} bytes`)) }));
  // What speaks of the past waits until all of it is known, for a moment after the start; nothing else does.
  for (const path of ['/history', '/diff', '/rollback', '/snapshot/encoded']) {
    app.use(path, async (_context, next) => {
      await served.history?.opened();
      await next();
    });
  }
  for (const part of [
    statusApi(served, version, clock),
    snapshotApi(served),
    encodedApi(served),
    historyApi(served),
    diffApi(served, settings),
    resourcesApi(served),
    splitsApi(served, clock),
    explainApi(served, clock),
    whyApi(served),
    diagnosticsApi(served),
    releaseApi(served),
    configApi(served, settings, version),
    streamApi(changes, clock),
  ]) {
    app.route('/', part);
  }
  return handleErrors(app, onBug);
}

/** Gives every answer that is not a success the same form. */
export function handleErrors(app: Hono, onBug: (error: unknown) => void): Hono {
  app.notFound((context) => {
    const { status, body } = new ApiError('NotFound', `there is nothing at ${context.req.method} ${context.req.path}`);
    return context.json(body, status);
  });
  app.onError((error, context) => {
    if (!(error instanceof ApiError)) onBug(error);
    const { status, body } = error instanceof ApiError ? error : new ApiError('Internal', 'a bug of Sluice; its log says more');
    return context.json(body, status);
  });
  return app;
}

function fail(error: ApiError): never {
  throw error;
}
