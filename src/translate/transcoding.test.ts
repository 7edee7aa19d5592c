import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gatewaysOf, places, routeLines } from '../../test/fake/translation.ts';

const set = readFileSync(join(import.meta.dirname, '../../test/e2e/grpc/shop.binpb')).toString('base64');

function objects(rules: string): string {
  const transcoder = (name: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GrpcJsonTranscoder
metadata: {name: ${name}}
spec: {descriptorSet: {configMapRef: {name: proto}}}`;
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: shop}
spec: {parentRefs: [{name: web}], rules: [${rules}]}
---${transcoder('shop')}
---${transcoder('other')}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: proto}
binaryData: {shop.binpb: ${set}}`;
}

function rule(method: string, transcoder: string, more = ''): string {
  const filter = `{type: ExtensionRef, extensionRef: {group: gateway.sluice.dev, kind: GrpcJsonTranscoder, name: ${transcoder}}}`;
  return `{matches: [{method: ${method}${more}}], filters: [${filter}], backendRefs: [{name: shop, port: 80}]}`;
}

/** Paths and conditions that are taken besides gRPC. */
function jsonOf(yaml: string): { readonly lines: readonly string[]; readonly mistakes: readonly string[] } {
  const { groups, diagnostics } = gatewaysOf(yaml);
  const lines = routeLines(groups).filter((line) => !/ grpc /.test(line));
  return { lines: lines.map((line) => line.replace(/^\S+ \*: | -> .*$/g, '')), mistakes: places(diagnostics) };
}

test('the methods that a match takes are taken by their HTTP requests, with its conditions', () => {
  assert.deepEqual(jsonOf(objects(rule('{service: shop.v1.Shop, method: CreateItem}', 'shop'))).lines, ['=/v1/items:create POST']);
  assert.deepEqual(jsonOf(objects(rule('{method: Watch}', 'shop', ', headers: [{name: x-a, value: b}]'))).lines, ['~/v1/items/[^/]+:watch GET x-a=b']);
  assert.equal(jsonOf(objects(rule('{type: RegularExpression, service: "shop[.].*", method: "Get.*"}', 'shop'))).lines.length, 2);
  assert.equal(jsonOf(objects(rule('{service: shop.v1.Shop}', 'shop'))).lines.length, 4);
  assert.deepEqual(jsonOf(objects(rule('{service: shop.v1.Other}', 'shop'))).lines, []);
});

test('TranscoderConflict: of two transcoders of a host name the first holds', () => {
  const { lines, mistakes } = jsonOf(objects([rule('{method: CreateItem}', 'shop'), rule('{method: Watch}', 'other')].join(', ')));
  assert.equal(lines.length, 1);
  assert.deepEqual(
    mistakes.map((place) => place.split(' ')[0]),
    ['TranscoderConflict'],
  );
});

test('NothingTranscoded: a rule without an HTTP path for its calls says so, once', () => {
  const mistakes = (rules: string): readonly string[] => jsonOf(objects(rules)).mistakes.map((place) => place.split(' ')[0] ?? '');
  assert.deepEqual(mistakes(rule('{service: shop.v1.Other}', 'shop')), ['NothingTranscoded']);
  assert.deepEqual(mistakes(rule('{service: shop.v1.Shop}', 'shop')), []);
});

test('DescriptorSetBroken: says which key is missing, or that none is named', () => {
  const words = (keys: string, named = ''): readonly string[] => {
    const yaml = objects(rule('{service: shop.v1.Shop}', 'shop'))
      .replace(/binaryData: .*$/, keys)
      .replace('name: proto}}}', `name: proto${named}}}}`);
    return gatewaysOf(yaml)
      .diagnostics.filter(({ code }) => code === 'DescriptorSetBroken')
      .map(({ message }) => message);
  };
  const rest = ', so the rule takes gRPC calls alone.';
  assert.deepEqual(words(`binaryData: {a: ${set}, b: ${set}}`), [`ConfigMap default/proto has several keys in \`binaryData\`, and \`key\` names none${rest}`]);
  assert.deepEqual(words(`binaryData: {a: ${set}}`, ', key: b'), [`ConfigMap default/proto has no key b in \`binaryData\`${rest}`]);
  assert.deepEqual(words(`data: {a: x}`), [`ConfigMap default/proto has nothing in \`binaryData\`${rest}`]);
});
