import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForwardAction, Route, RouteAction } from '../ir/route.ts';
import { busyClusters } from './traffic.ts';

const forward = (more: Partial<ForwardAction>): ForwardAction => ({
  type: 'forward',
  backends: [],
  mirrors: [],
  timeouts: { requestMs: 0 },
  hashOn: [],
  ...more,
});
const busy = (...actions: readonly RouteAction[]): readonly string[] => {
  const routes = actions.map(
    (action, index): Route => ({ name: `r${index}`, match: { path: { type: 'prefix', value: '/' }, headers: [], query: [] }, action, origins: [] }),
  );
  return [...busyClusters({ routeConfigurations: [{ name: 'default/80', virtualHosts: [{ name: '*', domains: ['*'], routes, origins: [] }] }] })];
};

test('a share above 0, and a copy, are requests; a share of 0 is none', () => {
  const share = (cluster: string, weight: number) => ({ cluster, weight, origins: [] });
  const copy = (cluster: string, numerator: number) => ({ cluster, numerator, denominator: 100, origins: [] });
  assert.deepEqual(busy(forward({ backends: [share('a', 90), share('b', 0), { weight: 10, origins: [] }], mirrors: [copy('c', 5), copy('d', 0)] })), [
    'a',
    'c',
  ]);
  assert.deepEqual(busy({ type: 'respond', status: 200 } as RouteAction, forward({ backends: [share('b', 1)] })), ['b']);
});
