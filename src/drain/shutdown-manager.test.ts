import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrainOutcome, DrainResult } from './drain-envoy.ts';
import { createShutdownManager } from './shutdown-manager.ts';

/** A manager on loopback whose drains end when the test says so. */
function manager(token?: string) {
  const drains: PromiseWithResolvers<DrainResult>[] = [];
  const made = createShutdownManager({
    drain() {
      const one = Promise.withResolvers<DrainResult>();
      drains.push(one);
      return one.promise;
    },
    ...(token === undefined ? {} : { token }),
    onBug: (error) => {
      throw error;
    },
  });
  /** Done once a number of drains has begun. */
  const begun = async (count: number): Promise<void> => {
    while (drains.length < count) await sleep(5);
  };
  const end = (outcome: DrainOutcome): void => drains.at(-1)?.resolve({ outcome, connections: 0, requests: 0, tookMs: 1 });
  return { ...made, drains, begun, end, [Symbol.dispose]: made.stop };
}

test('whoever asks to drain is answered when it is done, by GET as by POST, all of them by one drain', async () => {
  using subject = manager();
  const address = await subject.listen('127.0.0.1:0');
  let isAnswered = false;
  const calls = (['GET', 'POST'] as const).map((method) => fetch(`http://${address}/drain`, { method }));
  void Promise.race(calls).then(() => {
    isAnswered = true;
  });
  await subject.begun(1);
  assert.equal(await (await fetch(`http://${address}/healthz`)).text(), 'ok');
  assert.deepEqual([isAnswered, subject.drains.length], [false, 1]);
  subject.end('finished');
  for (const call of calls) {
    const answer = await call;
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as DrainResult).outcome, 'finished');
  }
});

test('the next Envoy in its place may be drained as well, and a hook is told where requests were cut', async () => {
  using subject = manager();
  const address = await subject.listen('127.0.0.1:0');
  for (const [index, [outcome, status]] of (
    [
      ['cut', 504],
      ['unanswered', 502],
      ['gone', 200],
    ] as const
  ).entries()) {
    const call = fetch(`http://${address}/drain`);
    await subject.begun(index + 1);
    subject.end(outcome);
    assert.equal((await call).status, status);
  }
  assert.equal(subject.drains.length, 3);
});

test('pages of strangers are refused on loopback; beyond it a token is needed', async () => {
  using open = manager();
  const address = await open.listen('127.0.0.1:0');
  assert.equal((await fetch(`http://${address}/drain`, { method: 'POST', headers: { origin: 'http://stranger.example' } })).status, 403);
  await assert.rejects(open.listen('0.0.0.0:0'), /a token is needed/);
  using closed = manager('secret');
  const guarded = (await closed.listen('0.0.0.0:0')).replace('0.0.0.0', '127.0.0.1');
  assert.equal((await fetch(`http://${guarded}/drain`)).status, 401);
  assert.equal((await fetch(`http://${guarded}/healthz`)).status, 200);
  const call = fetch(`http://${guarded}/drain`, { headers: { authorization: 'Bearer secret' } });
  await closed.begun(1);
  closed.end('finished');
  assert.equal((await call).status, 200);
  assert.deepEqual([open.drains.length, closed.drains.length], [0, 1]);
});
