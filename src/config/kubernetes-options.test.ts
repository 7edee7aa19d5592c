import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesConfigOf } from './kubernetes-options.ts';

test('options hold before the environment', () => {
  const env = { SLUICE_KUBERNETES: 'true', SLUICE_NAMESPACE: 'a, b', SLUICE_CONTEXT: 'c', SLUICE_SELECTOR: '' };
  assert.deepEqual(kubernetesConfigOf({ context: 'd' }, env), { choice: { namespaces: ['a', 'b'], context: 'd' }, diagnostics: [] });
  assert.deepEqual(kubernetesConfigOf({ kubernetes: true }, {}), { choice: { namespaces: [] }, diagnostics: [] });
  assert.deepEqual(kubernetesConfigOf({}, { SLUICE_KUBERNETES: '0' }), { diagnostics: [] });
});

test('what is wrong or means nothing is told', () => {
  const told = (...args: Parameters<typeof kubernetesConfigOf>) => kubernetesConfigOf(...args).diagnostics.map(({ at, message }) => `${at.field}: ${message}`);
  assert.deepEqual(told({ kubernetes: true, namespace: ['Shop'] }, {}), ['--namespace: "Shop" is not the name of a namespace.']);
  assert.deepEqual(told({ selector: 'a=b' }, {}), ['--selector: --selector says which objects of a cluster are read, and none is.']);
  assert.deepEqual(told({}, { SLUICE_KUBERNETES: 'maybe' }), ['SLUICE_KUBERNETES: "maybe" is not "true" or "false".']);
});
