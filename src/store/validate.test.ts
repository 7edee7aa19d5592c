import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../diagnostic.ts';
import { fieldName } from './field-path.ts';
import { validate } from './validate.ts';

const read = (value: unknown) => validate(value, { origin: (path, known) => ({ ...known, file: `at ${fieldName(path)}` }), order: 'a.yaml 000000' });
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec: { ports: [{ port: 80 }] } };

test('a valid object is used as it is written', () => {
  const [result] = read({ ...service, status: { loadBalancer: {} } });
  assert.deepEqual(result?.diagnostics, []);
  const { kind, namespace, name, object, age } = result?.stored ?? {};
  assert.deepEqual({ kind, namespace, name, age }, { kind: 'Service', namespace: 'default', name: 'shop', age: '~ a.yaml 000000' });
  assert.deepEqual(object, { ...service, status: { loadBalancer: {} } });
  assert.deepEqual(result?.stored?.origin(['spec', 'ports', 0]), { object: 'Service default/shop', field: 'spec.ports[0]', file: 'at spec.ports[0]' });
});

test('an object with a creation time is older than one without', () => {
  const [dated] = read({ ...service, metadata: { name: 'shop', creationTimestamp: '2030-01-01T00:00:00Z' } });
  const [undated] = read(service);
  const [wrong] = read({ ...service, metadata: { name: 'shop', creationTimestamp: 'yesterday' } });
  assert.ok((dated?.stored?.age ?? '') < (undated?.stored?.age ?? ''));
  assert.equal(wrong?.stored?.age, undated?.stored?.age);
});

test('kinds without namespace have none, whatever is written', () => {
  const [result] = read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', namespace: 'other' } });
  assert.deepEqual([result?.stored?.namespace, result?.stored?.origin().object], ['', 'Namespace shop']);
});

test('a List gives each of its items, in order, at its place', () => {
  const results = read({ apiVersion: 'v1', kind: 'List', items: [service, { ...service, metadata: { name: 'cart' } }, 5] });
  assert.deepEqual(
    results.map(({ stored }) => stored?.name),
    ['shop', 'cart', undefined],
  );
  assert.ok((results[0]?.stored?.age ?? '') < (results[1]?.stored?.age ?? ''));
  assert.equal(results[1]?.stored?.origin(['spec']).file, 'at items[1].spec');
  assert.equal(results[2]?.diagnostics[0]?.code, 'InvalidField');
});

test('what is null counts as not written', () => {
  const [result] = read({ ...service, metadata: { name: 'shop', annotations: null, labels: null }, spec: { ...service.spec, selector: null } });
  assert.deepEqual(result?.diagnostics, []);
  assert.deepEqual(result?.stored?.object, service);
});

test('an unknown field is told with what was probably meant, and the object is used without it', () => {
  const [result] = read({ ...service, spec: { ports: [{ port: 80, targetport: 8080 }], selectors: {} } });
  assert.deepEqual(
    result?.diagnostics.map(({ code, at, remedy }) => [code, at.field, remedy]),
    [
      ['UnknownField', 'spec.ports[0].targetport', 'Write targetPort, if that is meant.'],
      ['UnknownField', 'spec.selectors', 'Write selector, if that is meant.'],
    ],
  );
  assert.deepEqual(result?.stored?.object, service);
});

test('an unknown field does not hide what else is wrong', () => {
  const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'r' } };
  const [result] = read({ ...route, spec: { colour: 'red', rules: [{ name: 'a' }, { name: 'a' }] } });
  assert.deepEqual(
    result?.diagnostics.map(({ code, at }) => `${code} ${at.field}`),
    ['UnknownField spec.colour', 'InvalidField spec.rules[1].name'],
  );
  assert.equal(result?.stored, undefined);
});

const invalid: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['a wrong type', { ...service, spec: { ports: [{ port: '80' }] } }, 'spec.ports[0].port', /is "80": a number is expected/],
  ['out of range', { ...service, spec: { ports: [{ port: 70000 }] } }, 'spec.ports[0].port', /is 70000: 65535 at most\./],
  ['missing', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' } }, 'spec', /spec is missing/],
  ['not of an enumeration', { ...service, spec: { type: 'NodePorts' } }, 'spec.type', /is "NodePorts": one of ClusterIP, NodePort, /],
  [
    'neither of two types',
    { ...service, spec: { ports: [{ port: 80, targetPort: true }] } },
    'spec.ports[0].targetPort',
    /is true: a number or a text is expected/,
  ],
  ['an empty text where a name is needed', { ...service, spec: { ports: [{ port: 80, targetPort: '' }] } }, 'spec.ports[0].targetPort', /is "": /],
  ['no name', { ...service, metadata: {} }, 'metadata.name', /metadata.name is missing/],
  ['a name that is none', { ...service, metadata: { name: 'Shop/1' } }, 'metadata.name', /lower case letters/],
  ['a namespace that is none', { ...service, metadata: { name: 'shop', namespace: 'a.b' } }, 'metadata.namespace', /lower case letters/],
  [
    'an annotation that YAML reads as true',
    { ...service, metadata: { name: 'shop', annotations: { 'a/b': true } } },
    'metadata.annotations["a/b"]',
    /in quotes|text/,
  ],
];
for (const [name, value, field, message] of invalid) {
  test(`invalid: ${name}`, () => {
    const [result] = read(value);
    assert.equal(result?.stored, undefined);
    assert.deepEqual(
      result?.diagnostics.map(({ code, at }) => [code, at.field]),
      [['InvalidField', field]],
    );
    assert.match(result?.diagnostics[0]?.message ?? '', message);
    assert.ok(result?.diagnostics[0]?.remedy);
  });
}

const policy = { apiVersion: 'gateway.sluice.dev/v1alpha1', kind: 'BackendPolicy', metadata: { name: 'p' } };
const target = { group: '', kind: 'Service', name: 'a' };
const remedies: readonly (readonly [string, unknown, string, string])[] = [
  ['a number in quotes', { ...service, spec: { ports: [{ port: '80' }] } }, 'spec.ports[0].port is "80": a number is expected', 'Write 80 without quotes.'],
  [
    'a word that YAML takes for a truth value',
    { ...policy, spec: { targetRefs: [target], slowStart: { mode: false } } },
    'spec.slowStart.mode is false: one of Envoy, Sluice, Off is expected',
    'Write "Off" in quotes: without them YAML, as Kubernetes reads it, takes it for false.',
  ],
  [
    'other capitals',
    { ...policy, spec: { targetRefs: [target], protocol: 'http2' } },
    'spec.protocol is "http2": one of Auto, HTTP1, HTTP2 is expected',
    'Write HTTP2, if that is meant.',
  ],
  [
    'a choice with an empty text',
    { ...policy, spec: { targetRefs: [{ kind: 'Service', name: 'a' }] } },
    'spec.targetRefs[0].group is missing',
    'Give one of "", gateway.sluice.dev.',
  ],
  [
    'a duration without unit',
    { ...policy, spec: { targetRefs: [target], timeouts: { connect: '5' } } },
    'spec.timeouts.connect is "5": not a duration: write it as `1h`, `1m30s` or `250ms`, with at most five digits before a unit',
    'Give a value that fits this rule.',
  ],
  [
    'a name at the beginning of a rule',
    { ...policy, spec: { targetRefs: [target], loadBalancer: { type: 'Maglev' } } },
    'spec.loadBalancer is not valid: RingHash and Maglev need `hashOn`',
    'Give a value that fits this rule.',
  ],
  [
    'a field that another makes necessary',
    { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'r' }, spec: { rules: [{ backendRefs: [{ name: 'a' }] }] } },
    'spec.rules[0].backendRefs[0].port is missing: a reference to a Service needs a port',
    'Write the field.',
  ],
];
for (const [name, value, problem, remedy] of remedies) {
  test(`what to do about ${name}`, () => {
    assert.deepEqual(
      read(value)[0]?.diagnostics.map((found) => [found.message, found.remedy]),
      [[`${problem}. The object is not used in this form.`, remedy]],
    );
  });
}

test('an invalid object still tells which one it would have been', () => {
  assert.deepEqual(read({ ...service, spec: 5 })[0]?.key, { kind: 'Service', namespace: 'default', name: 'shop' });
  assert.equal(read({ ...service, metadata: {}, spec: 5 })[0]?.key, undefined);
});

const unread: readonly (readonly [string, unknown, string, boolean | undefined, RegExp])[] = [
  ['another kind', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'shop' } }, 'UnknownKind', true, /Sluice reads .*Service/],
  ['a mistyped kind', { ...service, kind: 'Servce' }, 'UnknownKind', undefined, /Write Service, if/],
  ['another group', { ...service, apiVersion: 'serving.knative.dev/v1' }, 'UnknownKind', undefined, /Write apiVersion: v1\./],
  ['an old version', { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'i' } }, 'UnknownKind', undefined, /networking.k8s.io\/v1\./],
  ['no kind', { apiVersion: 'v1' }, 'InvalidField', undefined, /Write kind/],
  ['a kind that every object has', { apiVersion: 'v1', kind: 'constructor' }, 'UnknownKind', true, /Sluice reads/],
  ['a list', [service], 'InvalidField', undefined, /Write apiVersion/],
];
for (const [name, value, code, isForeign, remedy] of unread) {
  test(`not read: ${name}`, () => {
    const [result] = read(value);
    assert.deepEqual([result?.stored, result?.isForeign, result?.diagnostics[0]?.code], [undefined, isForeign, code]);
    assert.match(result?.diagnostics[0]?.remedy ?? '', remedy);
    assert.ok(placeOf(result?.diagnostics[0]?.at ?? {}));
  });
}

test('what to do about a value that is not shown is not to write one', () => {
  const [result] = read({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'Shop_Key' } });
  assert.deepEqual(
    result?.diagnostics.map((found) => [found.message.includes('Shop_Key'), found.remedy]),
    [[false, 'Give a value that fits this rule.']],
  );
});

test('a message never holds a value of a Secret', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 5, data: { password: 123456, other: ['hunter2'] }, immutable: 'hunter3' };
  const [result] = read(secret);
  assert.equal(result?.diagnostics.length, 4);
  assert.doesNotMatch(JSON.stringify(result?.diagnostics), /123456|hunter/);
});
