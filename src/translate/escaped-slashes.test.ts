import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathMatch, Route } from '../ir/route.ts';
import { fullMatch } from '../regex.ts';
import { withEscapedSlashes } from './escaped-slashes.ts';

const route = (path: PathMatch, action: Route['action'] = { type: 'respond', status: 200 }): Route => ({
  name: path.value,
  match: { path, headers: [], query: [] },
  action,
  origins: [],
});
const ofHost = [route({ type: 'exact', value: '/a/b' }), route({ type: 'pathPrefix', value: '/admin' }), route({ type: 'prefix', value: '/' })];

/** Name of the route that takes a path, as Envoy tries them. */
function routeOf(path: string, routes: readonly Route[] = ofHost): string | undefined {
  const fits = ({ match: { path: wanted } }: Route): boolean => {
    if (wanted.type === 'prefix') return path.startsWith(wanted.value);
    const matcher = wanted.type === 'regex' ? fullMatch(wanted.value) : undefined;
    if (typeof matcher === 'string') assert.fail(matcher);
    return matcher ? matcher(path) : path === wanted.value;
  };
  return withEscapedSlashes('shop', routes).find(fits)?.name;
}

const refused = 'escaped-slashes/shop';

for (const [path, name] of [
  ['/a/b', '/a/b'],
  ['/a%2Fb', '/a/b'],
  ['/a%2fb', '/a/b'],
  ['/a%2Fc', '/'],
  ['/admin', '/admin'],
  ['/admin%2Fusers', '/admin'],
  ['/admin%2F', '/admin'],
  ['/administration', '/'],
  ['/x/..x', '/'],
  ['/%2Fadmin', refused],
  ['/x/%2Fadmin', refused],
  ['/x%2F%2fadmin', refused],
  ['/x%2F/admin', refused],
  ['/x%2F..%2Fadmin', refused],
  ['/x%2F../admin', refused],
  ['/x/..%2Fadmin', refused],
  ['/x%2F.%2Fadmin', refused],
  ['/x%2F%2e%2E%2Fadmin', refused],
  ['/x%5C..%5Cadmin', refused],
  ['/admin%2F..', refused],
] as const) {
  test(`${path} has the route ${name}`, () => assert.equal(routeOf(path), name));
}

test('where a path is an expression, or a part of it is replaced, none is let in', () => {
  const forward = { type: 'forward', backends: [], mirrors: [], hashOn: [] } as unknown as Route['action'];
  const replaced = { ...forward, rewrite: { path: { type: 'prefix', value: '/' } } } as Route['action'];
  for (const routes of [[route({ type: 'regex', value: '/[^/]+' })], [route({ type: 'pathPrefix', value: '/x' }, replaced)]]) {
    assert.equal(routeOf('/x%2Fb', [...routes, ...ofHost]), refused);
    assert.equal(routeOf('/x', [...routes, ...ofHost]), routes[0]?.name);
  }
});

test('a host name without routes stays as it is', () => assert.deepEqual(withEscapedSlashes('shop', []), []));
