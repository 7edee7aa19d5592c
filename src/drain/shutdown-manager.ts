import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { isLoopback, parseAddress } from '../address.ts';
import { checkCaller, checkToken } from '../admin/access.ts';
import { handleErrors } from '../admin/api.ts';
import { listening } from '../admin/listening.ts';
import type { DrainOutcome, DrainResult } from './drain-envoy.ts';

/** A small server beside an Envoy, by which whoever stops that Envoy lets it drain first. */
export interface ShutdownManager {
  /**
   * Starts to answer `/drain` and `/healthz` on `HOST:PORT`; port 0 takes a free one. Gives the bound address.
   * @throws {Error} where the address is none, is taken, or reaches beyond this machine without a token.
   */
  listen(address: string): Promise<string>;
  /** Drains the Envoy; who comes while that goes on waits for the same end. */
  drain(): Promise<DrainResult>;
  /** Answers nobody any more. */
  stop(): void;
}

export interface ShutdownManagerOptions {
  /** Drains the Envoy once. */
  readonly drain: () => Promise<DrainResult>;
  /** Asked for by `/drain`. Undefined: none, which is allowed on loopback only. */
  readonly token?: string;
  /** Told of an error that is a bug of ours. */
  readonly onBug: (error: unknown) => void;
}

/** A hook that gets anything but 200 is shown as failed by Kubernetes; the container is stopped all the same. */
const statuses = { finished: 200, gone: 200, cut: 504, lost: 502, unanswered: 502, interrupted: 503 } as const satisfies Record<DrainOutcome, number>;

/** Makes the server; nothing listens yet. */
export function createShutdownManager({ drain: drainOnce, token, onBug }: ShutdownManagerOptions): ShutdownManager {
  let running: Promise<DrainResult> | undefined;
  let server: Server | undefined;

  function drain(): Promise<DrainResult> {
    running ??= drainOnce().finally(() => {
      // The next Envoy in its place may be drained too.
      running = undefined;
    });
    return running;
  }

  function application(loopback: boolean): Hono {
    const app = new Hono();
    app.get('/healthz', (context) => context.text('ok'));
    if (loopback) app.use(checkCaller);
    if (token !== undefined) app.use(checkToken(token));
    // By GET as well: the hooks of Kubernetes know no other method.
    app.on(['GET', 'POST'], '/drain', async (context) => {
      const result = await drain();
      return context.json(result, statuses[result.outcome]);
    });
    return handleErrors(app, onBug);
  }

  return {
    async listen(address) {
      const wanted = parseAddress(address);
      if (!wanted) throw new Error(`the address ${JSON.stringify(address)} is not HOST:PORT`);
      const loopback = isLoopback(wanted.host);
      if (!loopback && token === undefined) throw new Error(`${address} reaches beyond this machine, where anybody could end this Envoy, so a token is needed`);
      server = createAdaptorServer({ fetch: application(loopback).fetch }) as Server;
      return listening(server, wanted, 'the address');
    },
    drain,
    stop() {
      server?.close();
      server?.closeAllConnections();
    },
  };
}
