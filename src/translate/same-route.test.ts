import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { build } from '../build.ts';
import { defaultSettings } from '../settings.ts';

const yaml = (path: string): string =>
  `${['one', 'two']
    .map(
      (name) => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}}
spec: {rules: [{host: ${name}.example, http: {paths: [{path: ${name === 'one' ? path : '/'}, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}
`,
    )
    .join('')}---\n{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}\n`;

test('a host name whose Ingress did not change is the very same in the next build, one that did is not', () => {
  const before = objectsOf(yaml('/a'));
  const changed = objectsOf(yaml('/b')).filter(({ name }) => name === 'one');
  const hostsOf = (objects: typeof before) => {
    const { groups } = build(fakeView(objects), defaultSettings);
    return new Map(groups.get('default')?.routeConfigurations[0]?.virtualHosts.map((host) => [host.name, host]));
  };
  const first = hostsOf(before);
  const second = hostsOf([...before.filter(({ name }) => name !== 'one'), ...changed]);
  assert.equal(second.get('two.example'), first.get('two.example'));
  assert.notEqual(second.get('one.example'), first.get('one.example'));
  assert.equal(second.get('one.example')?.routes.at(-1)?.match.path.value, '/b');
});
