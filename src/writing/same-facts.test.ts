import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../conditions/facts.ts';
import { diagnostic } from '../diagnostic.ts';
import { storeViewOf } from '../store/store.ts';
import { isSameFacts } from './same-facts.ts';

const facts: Facts = {
  view: storeViewOf([]).view,
  attachedRoutes: new Map(),
  diagnostics: [diagnostic('InvalidField', { object: 'HTTPRoute shop/a', field: 'spec' }, 'It is wrong.', 'Mend it.')],
  groups: new Map([['default', { envoys: 1, acknowledged: 1, revision: 'a' }]]),
  gatewayAddresses: new Map([['uid', ['192.0.2.1']]]),
  ingress: {},
  addresses: ['192.0.2.7'],
};
const wrong = (object: string, message: string) => diagnostic('InvalidField', { object, field: 'spec' }, message, 'Mend it.');

test('facts that say the same are the same, whoever made their lists', () => {
  const { view, attachedRoutes } = facts;
  assert.ok(isSameFacts(facts, { ...structuredClone({ ...facts, view: 0, attachedRoutes: 0 }), view, attachedRoutes }));
});

const others: readonly (readonly [string, Partial<Facts>])[] = [
  ['objects', { view: storeViewOf([]).view }],
  ['routes of listeners', { attachedRoutes: new Map() }],
  ['a mistake more', { diagnostics: [...facts.diagnostics, ...facts.diagnostics] }],
  ['words of a mistake', { diagnostics: [wrong('HTTPRoute shop/a', 'It is wrong in another way.')] }],
  ['the object of a mistake', { diagnostics: [wrong('HTTPRoute shop/b', 'It is wrong.')] }],
  ['an Envoy more', { groups: new Map([['default', { envoys: 2, acknowledged: 1, revision: 'a' }]]) }],
  ['an address', { addresses: ['192.0.2.8'] }],
  ['an address of a Gateway', { gatewayAddresses: new Map([['uid', ['192.0.2.2']]]) }],
];
for (const [what, other] of others) test(`other facts: ${what}`, () => assert.equal(isSameFacts(facts, { ...facts, ...other }), false));
