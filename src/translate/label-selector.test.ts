import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectsLabels } from './label-selector.ts';

const labels = { team: 'shop', 'example.com/tier': 'web' };

for (const [text, selects] of [
  ['team=shop', true],
  ['team == shop', true],
  ['team=other', false],
  ['team!=other', true],
  ['none!=x', true],
  ['team', true],
  ['!team', false],
  ['!none', true],
  ['team=shop,example.com/tier=web', true],
  ['team=shop,none', false],
  ['team in (a, shop)', true],
  ['team in (a, b),team', false],
  ['team notin (a, b)', true],
  ['none notin (a)', true],
  ['team notin (shop)', false],
  ['!team=shop', false],
  ['team>1', false],
  ['', false],
] as const) {
  test(`${JSON.stringify(text)} ${selects ? 'selects' : 'does not select'}`, () => assert.equal(selectsLabels(text, labels), selects));
}
