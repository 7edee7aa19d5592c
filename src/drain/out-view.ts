import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { parseAddress } from '../address.ts';
import { handleErrors } from '../admin/api.ts';
import { listening } from '../admin/listening.ts';
import { type OutPage, outBody, outPath } from '../ejection/out-page.ts';
import { type EnvoyAdmin, EnvoyAdminError, type EnvoyIdentity } from './envoy-admin.ts';

/** A small server beside an Envoy that shows others which endpoints it leaves out, and nothing else of its admin page. */
export interface OutView {
  /**
   * Starts to answer on `HOST:PORT`; port 0 takes a free one. Gives the URL.
   * @throws {Error} where the address is none, or is taken.
   */
  listen(address: string): Promise<string>;
  /** Answers nobody any more. */
  stop(): void;
}

/**
 * Makes the server; nothing listens yet. Whoever reaches it learns names of clusters and addresses of endpoints that are out. Envoy is
 * asked once at a time, however many ask here. @param onBug told of an error that is a bug of ours.
 */
export function createOutView(admin: Pick<EnvoyAdmin, 'identity' | 'out'>, onBug: (error: unknown) => void): OutView {
  let asking: Promise<OutPage> | undefined;
  /** Costs Envoy more than most questions. Undefined: whoever is there next may be another one. */
  let identity: EnvoyIdentity | undefined;

  async function ask(): Promise<OutPage> {
    try {
      identity ??= await admin.identity();
      return { ...identity, ...(await admin.out()) };
    } catch (error) {
      identity = undefined;
      throw error;
    }
  }

  const app = new Hono();
  app.get(outPath, async (context) => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    try {
      return context.json(outBody(await asking));
    } catch (error) {
      if (!(error instanceof EnvoyAdminError)) throw error;
      return context.json({ message: error.message }, 502);
    }
  });
  const server = createAdaptorServer({ fetch: handleErrors(app, onBug).fetch }) as Server;
  return {
    async listen(address) {
      const wanted = parseAddress(address);
      if (!wanted) throw new Error(`the address ${JSON.stringify(address)} is not HOST:PORT`);
      return `http://${await listening(server, wanted, 'the address')}${outPath}`;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
