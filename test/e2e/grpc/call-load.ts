import type { ServiceError } from '@grpc/grpc-js';
import type { CallOptions, ShopClient } from './shop-client.ts';

/** What calls at a steady rate came to. */
export interface CallCounts {
  readonly sent: number;
  /** Answers by the name of the server. */
  readonly by: Readonly<Record<string, number>>;
  /** Failures by their words: `14 UNAVAILABLE: …`. */
  readonly failures: Readonly<Record<string, number>>;
}

const tickMs = 5;

/** Calls until `until` settles, at a steady rate whatever the answers do; nothing is tried again here. */
export async function callsUntil(until: Promise<unknown>, client: ShopClient, rate: number, options?: CallOptions): Promise<CallCounts> {
  const by: Record<string, number> = {};
  const failures: Record<string, number> = {};
  const open: Promise<void>[] = [];
  const started = performance.now();
  const call = (): Promise<void> =>
    client.get('items/tea', { deadlineMs: 10_000, ...options }).then(
      ({ endpoint = '' }) => {
        by[endpoint] = (by[endpoint] ?? 0) + 1;
      },
      ({ message }: ServiceError) => {
        failures[message] = (failures[message] ?? 0) + 1;
      },
    );
  const ticking = setInterval(() => {
    const due = Math.floor((rate * (performance.now() - started)) / 1000);
    while (open.length < due) open.push(call());
  }, tickMs);
  try {
    await until;
  } finally {
    clearInterval(ticking);
  }
  await Promise.all(open);
  return { sent: open.length, by, failures };
}
