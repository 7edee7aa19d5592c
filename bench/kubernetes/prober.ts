import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks an Envoy again and again. */
export interface Prober extends Disposable {
  /**
   * When a host name was first answered with a status, by `performance.now()`.
   * @throws {Error} where it is not within half a minute.
   */
  until(host: string, status: number): Promise<number>;
}

/** Between two requests, so that Envoy has time for its configuration. */
const pauseMs = 1;
const patienceMs = 30_000;

/** @param port of a listener on 127.0.0.1. */
export function createProber(port: number): Prober {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statusOf = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', agent, headers: { host } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });
  return {
    async until(host, status) {
      for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(pauseMs)) {
        // A connection may be closed under our hands: no answer is no answer yet.
        if ((await statusOf(host).catch(() => 0)) === status) return performance.now();
      }
      throw new Error(`${host} is not answered with ${status} within ${patienceMs / 1000} s`);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
