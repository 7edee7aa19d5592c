import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route, RouteMatch } from '../ir/route.ts';
import { byPrecedence, type OwnedRoute } from './precedence.ts';

const any: RouteMatch = { path: { type: 'prefix', value: '/' }, headers: [], query: [] };
const header = (name: string) => ({ name, type: 'exact', value: 'x' }) as const;

function owned(name: string, match: Partial<RouteMatch>, owner: { readonly age?: string; readonly name?: string } = {}): OwnedRoute {
  const route: Route = { name, match: { ...any, ...match }, action: { type: 'respond', status: 500 }, origins: [] };
  return { route, owner: { kind: 'HTTPRoute', namespace: 'default', name: 'shop', age: '1', origin: () => ({}), ...owner } };
}

/** What comes first, in the order that is expected. */
const orders: readonly [string, readonly OwnedRoute[]][] = [
  [
    'kinds of path, long before short',
    [
      owned('exact', { path: { type: 'exact', value: '/a' } }),
      owned('long expression', { path: { type: 'regex', value: '/a/[0-9]+' } }),
      owned('short expression', { path: { type: 'regex', value: '/a.*' } }),
      owned('long prefix', { path: { type: 'pathPrefix', value: '/abc' } }),
      owned('characters', { path: { type: 'prefix', value: '/ab' } }),
      owned('root', {}),
    ],
  ],
  [
    'method, then headers, then query parameters',
    [
      owned('method', { method: 'GET' }),
      owned('two headers', { headers: [header('a'), header('b')] }),
      owned('header and query', { headers: [header('a')], query: [header('q')] }),
      owned('header', { headers: [header('a')] }),
      owned('query', { query: [header('q'), header('r')] }),
      owned('nothing', {}),
    ],
  ],
  [
    'older owner, then name, then order of the rules',
    [owned('older', {}, { age: '0', name: 'z' }), owned('first by name', {}, { name: 'a' }), owned('rule 1', {}), owned('rule 2', {})],
  ],
  [
    'gRPC before HTTP; service and method, service, method',
    [
      owned('call', { grpc: true, path: { type: 'exact', value: '/s.v1.A/Get' } }),
      owned('service', { grpc: true, path: { type: 'prefix', value: '/s.v1.Longer/' } }),
      owned('method', { grpc: true, path: { type: 'regex', value: '/[^/]+/GetSomethingQuiteLong' } }),
      owned('every call', { grpc: true }),
      owned('http', { path: { type: 'exact', value: '/s.v1.A/Get' } }),
    ],
  ],
  ['the condition on the authority counts for nothing', [owned('query', { query: [header('q')] }), owned('one label', { headers: [header(':authority')] })]],
];
for (const [name, expected] of orders) {
  test(`precedence: ${name}`, () => {
    const names = (list: readonly OwnedRoute[]) => list.map(({ route }) => route.name);
    assert.deepEqual(names(byPrecedence(expected)), names(expected));
    // Rules of one owner with equal matches keep their order, so they are not turned round here.
    const turned = expected.filter(({ route }) => route.name !== 'rule 2').toReversed();
    assert.deepEqual(names(byPrecedence(turned)), names(turned.toReversed()));
  });
}
