import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayAskStatus, type StatusCaller } from './status-access.ts';

const cases: readonly (readonly [caller: StatusCaller, may: boolean])[] = [
  [{ peer: '127.0.0.1:4000' }, true],
  [{ peer: '::1:4000' }, true],
  [{ peer: '::ffff:127.0.0.1:4000' }, true],
  [{ peer: '192.0.2.1:4000' }, false],
  [{ peer: '192.0.2.1:4000', alternativeNames: 'URI:spiffe://sluice/admin' }, true],
  [{ peer: '192.0.2.1:4000', alternativeNames: 'DNS:tool.example, URI:spiffe://shop.example/admin, DNS:b' }, true],
  [{ peer: '127.0.0.1:4000', alternativeNames: 'URI:spiffe://sluice/group/default' }, false],
  [{ peer: '127.0.0.1:4000', alternativeNames: 'URI:spiffe://sluice/group/admin' }, false],
  [{ peer: '127.0.0.1:4000', alternativeNames: 'DNS:"a, URI:spiffe://sluice/admin"' }, false],
  [{ peer: '127.0.0.1:4000', alternativeNames: 'URI:spiffe://sluice/administrators' }, false],
  [{ peer: '127.0.0.1:4000', alternativeNames: '' }, false],
];
for (const [caller, may] of cases) {
  test(`${caller.peer} with ${caller.alternativeNames ?? 'no certificate'} ${may ? 'may' : 'may not'} ask`, () => assert.equal(mayAskStatus(caller), may));
}
