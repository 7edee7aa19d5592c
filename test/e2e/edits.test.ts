import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, httpRouteYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

interface Rule {
  readonly path: string;
  readonly service: string;
  /** Undefined: none. */
  readonly name?: string;
}

const cart: Rule = { path: '/cart', service: 'a' };
const pay: Rule = { path: '/pay', service: 'b' };
const rest: Rule = { path: '/', service: 'c' };

function route(name: string, rules: readonly Rule[]): string {
  const texts = rules.map(
    ({ path, service, name: rule }) =>
      `{${rule === undefined ? '' : `name: ${rule}, `}matches: [{path: {type: PathPrefix, value: ${path}}}], backendRefs: [{name: ${service}, port: 80}]}`,
  );
  return httpRouteYaml(name, texts.join(', '));
}

/** Each says the same as the one before in another way; `more` is a second file. */
const edits: readonly { readonly what: string; readonly routes: readonly string[]; readonly more?: string }[] = [
  { what: 'reordered', routes: [route('shop', [rest, pay, cart])] },
  { what: 'rules with names', routes: [route('shop', [{ ...rest, name: 'rest' }, { ...pay, name: 'pay' }, cart])] },
  {
    what: 'rules with other names',
    routes: [
      route('shop', [
        { ...rest, name: 'all' },
        { ...pay, name: 'money' },
        { ...cart, name: 'pay' },
      ]),
    ],
  },
  { what: 'an object with another name', routes: [route('store', [cart, pay, rest])] },
  { what: 'an object for each rule', routes: [route('cart', [cart]), route('pay', [pay]), route('rest', [rest])] },
  { what: 'a rule in two files', routes: [route('rest', [rest]), route('pay', [pay]), route('cart', [cart])], more: route('money', [pay]) },
  { what: 'a rule in another file', routes: [route('rest', [rest]), route('cart', [cart])], more: route('money', [pay]) },
  { what: 'in both again', routes: [route('shop', [cart, pay, rest])], more: route('money', [pay]) },
  { what: 'one object again', routes: [route('shop', [cart, pay, rest])] },
];

/** Served once the edit is in force, whether or not it changes anything else. */
const marker = (edit: number): string => route('marker', [{ path: `/marker-${edit}`, service: 'a' }]);

for (const protocol of ['delta', 'sotw'] as const) {
  test(`rules that are reordered, renamed and moved fail no request and touch neither listener nor clusters (${protocol})`, async () => {
    await using a = await startHttpBackend('a');
    await using b = await startHttpBackend('b');
    await using c = await startHttpBackend('c');
    const services = [serviceYaml('a', [a.port]), serviceYaml('b', [b.port]), serviceYaml('c', [c.port])];
    const objects = { 'base.yaml': [gatewayYaml, ...services].join('\n---'), 'routes.yaml': route('shop', [cart, pay, rest]) };
    await using stack = await startStack({ objects, protocol });
    const touched = ['listener_manager.listener_modified', ...['added', 'modified', 'removed'].map((what) => `cluster_manager.cluster_${what}`)];
    const counts = () => Promise.all(touched.map((name) => stack.stat(name)));
    const before = await counts();
    const loads = [cart, pay, rest].map(({ path }) => startLoad({ port: stack.httpPort, path, rate: 100 }));
    try {
      for (const [index, { what, routes, more }] of edits.entries()) {
        // What comes is written before what goes is taken away.
        if (more !== undefined) await stack.write('more.yaml', more);
        await stack.write('routes.yaml', [...routes, marker(index)].join('\n---'));
        await waitFor(`${what}: it is in force`, async () => (await stack.http(`/marker-${index}`)).body === 'a');
        const isLast = edits[index + 1]?.more === undefined;
        if (more !== undefined && isLast) await stack.remove('more.yaml');
      }
    } finally {
      const results = await Promise.all(loads.map((load) => load.stop()));
      assert.deepEqual(
        results.map(({ failed, failures, by }) => [failed, failures, Object.keys(by)]),
        [
          [0, [], ['a']],
          [0, [], ['b']],
          [0, [], ['c']],
        ],
      );
    }
    assert.deepEqual(await counts(), before);
  });
}
