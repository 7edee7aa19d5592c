import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, type Expected, isExplained } from './oracle.ts';

const history: readonly Expected[] = [
  { route: { edition: 1, led: [0], endpoints: ['a', 'x'] }, since: 0, writtenAt: 0 },
  { route: { edition: 2, led: [0, 1], endpoints: ['b', 'c'] }, since: 100, writtenAt: 110 },
  { since: 200, writtenAt: 210 },
  { route: { edition: 3, led: [1], endpoints: ['d', 'a'] }, since: 300 },
];
const answered = (edition: number, backend: string): Answer => ({ type: 'answered', edition, backend });
const failed: Answer = { type: 'failed', words: '503' };
const noRoute: Answer = { type: 'no route' };

const cases: readonly [what: string, answer: Answer, knownUntil: number, answeredAt: number, isGood: boolean][] = [
  ['what stands', answered(1, 'a'), 50, 60, true],
  ['a backend of none', answered(1, 'b'), 50, 60, false],
  ['what will come', answered(2, 'b'), 50, 60, false],
  ['what is being written', answered(2, 'b'), 50, 100, true],
  ['one of two backends', answered(2, 'c'), 150, 160, true],
  ['what need not be known yet', answered(1, 'a'), 109, 190, true],
  ['what an Envoy must have forgotten', answered(1, 'a'), 110, 190, false],
  ['new endpoints of an old route', answered(1, 'b'), 60, 190, true],
  ['new endpoints of a Service without weight', answered(1, 'c'), 60, 190, false],
  ['new endpoints of a Service that has its weight no more', answered(2, 'd'), 150, 310, true],
  ['no route while there is none', noRoute, 220, 230, true],
  ['no route while there is one', noRoute, 150, 160, false],
  ['no route while it comes back', noRoute, 900, 910, true],
  ['a failure, whatever goes on', failed, 0, 910, false],
];
for (const [what, answer, knownUntil, answeredAt, isGood] of cases) {
  test(`${what} is ${isGood ? '' : 'not '}explained`, () => assert.equal(isExplained(answer, history, knownUntil, answeredAt), isGood));
}
