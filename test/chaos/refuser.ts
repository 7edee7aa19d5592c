import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../fake/random.ts';
import { followXds } from '../fake/xds-client.ts';

/** A client that refuses a tenth of what it is sent, in the words of Envoy, and comes back whenever its stream ends. */
export interface Refuser extends AsyncDisposable {
  refusals(): number;
}

export function startRefuser(xdsPort: number, protocol: 'delta' | 'sotw', random: Random): Refuser {
  let isOver = false;
  let refusals = 0;
  let current: ReturnType<typeof followXds> | undefined;
  const refuse = (): string | undefined => {
    if (!random.chance(0.1)) return undefined;
    refusals += 1;
    return 'refused for no reason';
  };
  async function run(): Promise<void> {
    while (!isOver) {
      current = followXds(`127.0.0.1:${xdsPort}`, { protocol, id: `refuser-${protocol}`, refuse });
      await current.ended;
      current[Symbol.dispose]();
      await sleep(200);
    }
  }
  const running = run();
  return {
    refusals: () => refusals,
    async [Symbol.asyncDispose]() {
      isOver = true;
      current?.cancel();
      await running;
    },
  };
}
