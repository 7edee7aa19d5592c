import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { gatewayClassYaml, gatewayYaml, httpRouteYaml, ingressYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const config = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: edge}
spec: {accessLog: {format: json, samplePercent: 100}}`;

/** A rule for a path, with a filter and a limit of time. */
function rule(path: string, filter: string, forwards: boolean): string {
  const target = forwards ? 'timeouts: {request: 9s}, backendRefs: [{name: a, port: 80}]' : '';
  return `{matches: [{path: {type: PathPrefix, value: ${path}}}], filters: [${filter}], ${target}}`;
}

const rewrite = (path: string) => `{type: URLRewrite, urlRewrite: {path: ${path}}}`;
const redirect = (path: string) => `{type: RequestRedirect, requestRedirect: {path: ${path}}}`;
const prefix = (value: string) => `{type: ReplacePrefixMatch, replacePrefixMatch: ${value}}`;
const full = (value: string) => `{type: ReplaceFullPath, replaceFullPath: ${value}}`;

test('the path that was asked for is logged, and told to backends where it is another there', async () => {
  await using a = await startHttpBackend('a');
  const rules = [
    rule('/prefix', rewrite(prefix('/new')), true),
    rule('/full', rewrite(full('/new')), true),
    rule('/same', '{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-set, value: v}]}}', true),
    rule('/to-prefix', redirect(prefix('/new')), false),
    rule('/to-full', redirect(full('/new')), false),
  ];
  await using stack = await startStack({
    objects: {
      'class.yaml': gatewayClassYaml,
      'gateway.yaml': gatewayYaml.replace(
        '  listeners:',
        '  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: edge}}\n  listeners:',
      ),
      'config.yaml': config,
      'a.yaml': serviceYaml('a', [a.port]),
      'route.yaml': httpRouteYaml('all', rules.join(', ')),
      'ingress.yaml': ingressYaml('nginx', { 'rewrite-target': '/new/$1', 'use-regex': 'true' }, { service: 'a', path: '/pattern/(.*)' }),
    },
  });
  const ask = async (path: string, host = 'any.example') => {
    const { status, headers } = await stack.http(`${path}/x?q=1`, { headers: { host } });
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('x-envoy')),
      [],
    );
    if (status === 302) return { location: headers.location };
    assert.equal(status, 200);
    const { url, headers: told } = a.seen.at(-1) ?? assert.fail();
    return { url, told: Object.entries(told).filter(([name]) => name.startsWith('x-envoy')) };
  };
  const original = (path: string) => [['x-envoy-original-path', path]];

  assert.deepEqual(await ask('/prefix'), { url: '/new/x?q=1', told: original('/prefix/x?q=1') });
  assert.deepEqual(await ask('/full'), { url: '/new?q=1', told: original('/full/x?q=1') });
  assert.deepEqual(await ask('/pattern', 'nginx.example'), { url: '/new/x?q=1', told: original('/pattern/x?q=1') });
  assert.deepEqual(await ask('/same'), { url: '/same/x?q=1', told: [] });
  assert.deepEqual(await ask('/to-prefix'), { location: 'http://any.example/new/x?q=1' });
  assert.deepEqual(await ask('/to-full'), { location: 'http://any.example/new?q=1' });

  const asked = ['/prefix', '/full', '/pattern', '/same', '/to-prefix', '/to-full'].map((path) => `${path}/x?q=1`);
  const logged = await waitFor('all are logged', () => {
    const lines = readFileSync(stack.envoys[0]?.logFile ?? '', 'utf8').split('\n');
    const paths = lines.filter((line) => line.startsWith('{"')).map((line) => (JSON.parse(line) as { readonly path: string }).path);
    return paths.length >= asked.length ? paths : undefined;
  });
  assert.deepEqual(logged.sort(), asked.sort());
});
