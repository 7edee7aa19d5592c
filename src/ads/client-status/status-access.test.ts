import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayAskStatus, type StatusCaller } from './status-access.ts';

const tool = (...uris: readonly string[]): StatusCaller['client'] => ({ subject: 'CN=tool', uris });

const cases: readonly (readonly [caller: StatusCaller, may: boolean])[] = [
  [{ peer: '127.0.0.1:4000', client: undefined }, true],
  [{ peer: '::1:4000', client: undefined }, true],
  [{ peer: '::ffff:127.0.0.1:4000', client: undefined }, true],
  [{ peer: '192.0.2.1:4000', client: undefined }, false],
  [{ peer: '192.0.2.1:4000', client: tool('spiffe://shop.example/admin') }, true],
  [{ peer: '192.0.2.1:4000', client: tool('https://tool.example', 'spiffe://shop.example/admin') }, true],
  [{ peer: '127.0.0.1:4000', client: tool('spiffe://sluice/admin') }, false],
  [{ peer: '127.0.0.1:4000', client: tool('spiffe://shop.example/group/default') }, false],
  [{ peer: '127.0.0.1:4000', client: tool('spiffe://shop.example/group/admin') }, false],
  [{ peer: '127.0.0.1:4000', client: tool('spiffe://shop.example/administrators') }, false],
  [{ peer: '127.0.0.1:4000', client: tool() }, false],
];
for (const [caller, may] of cases) {
  test(`${caller.peer} with ${caller.client?.uris.join(', ') ?? 'no certificate'} ${may ? 'may' : 'may not'} ask`, () =>
    assert.equal(mayAskStatus(caller, 'shop.example'), may));
}
