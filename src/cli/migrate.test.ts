import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runWords } from '../../test/fake/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-'));
after(() => rmSync(folder, { recursive: true }));

async function migrate(content: string, ...words: readonly string[]) {
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, content);
  return { ...(await runWords(['migrate', file, ...words])), file };
}

const ingress = (name: string, annotations: Readonly<Record<string, string>> = {}): string => {
  const written = Object.fromEntries(Object.entries(annotations).map(([key, text]) => [key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`, text]));
  return `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations: ${JSON.stringify(written)}
spec:
  rules: [{host: ${name}.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]
`;
};
const service = `---
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a, labels: {kubernetes.io/service-name: a}}, addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [192.0.2.1]}]}
`;

test('an Ingress that behaves the same is exact, and nothing stands in the way', async () => {
  const { status, printed } = await migrate(ingress('plain') + service);
  assert.equal(status, 0, printed);
  assert.match(printed, /^default\/plain\s+exact/m);
  assert.match(printed, /1 Ingress: 1 exact,.*; 0 of them served nothing until now\./);
});

test('what is dangerous is told first, with an example and a remedy, and is a problem', async () => {
  const { status, printed } = await migrate(ingress('waf', { 'enable-modsecurity': 'true', 'upstream-vhost': 'b', 'not-a-real-thing': '1' }) + service);
  assert.equal(status, 1);
  assert.match(printed, /^default\/waf\s+dangerous\s+1 dangerous, 1 inert, 1 exact/m);
  assert.match(
    printed,
    /dangerous enable-modsecurity: [^\n]*\n {4}example: GET http:\/\/waf\.example\/\?id[^\n]*\n {4}remedy: [^\n]*\n {4}at: [^\n]*objects\.yaml:6:/,
  );
});

test('a name that is near to that of an annotation is told once', async () => {
  const { printed } = await migrate(ingress('typo', { 'proxy-raed-timeout': '5' }) + service);
  assert.match(printed, /^default\/typo\s+inert\s+1 inert /m);
  assert.match(printed, /remedy: Remove it, or write proxy-read-timeout if that is meant\./);
});

test('an Ingress that ingress-nginx leaves out is dangerous to move', async () => {
  const { status, printed } = await migrate(ingress('s', { 'configuration-snippet': 'more_set_headers "X-A: 1";' }) + service, '-o', 'json');
  assert.equal(status, 1);
  const { ingresses, totals } = JSON.parse(printed);
  assert.deepEqual(Object.keys(ingresses[0]), ['namespace', 'name', 'origin', 'verdict', 'findings']);
  assert.deepEqual(Object.keys(ingresses[0].findings[0]), ['annotation', 'level', 'message', 'example', 'remedy']);
  assert.equal(ingresses[0].verdict, 'dangerous');
  assert.equal(ingresses[0].findings[0].annotation, 'configuration-snippet');
  assert.equal(totals.dropped, 1);
});

test('paths that ingress-nginx serves and Sluice keeps closed are not the same on both', async () => {
  const { status, printed } = await migrate(ingress('p', { 'auth-type': 'digest', 'auth-secret': 'users' }) + service);
  assert.equal(status, 1);
  assert.match(printed, /unsupported auth-type: ingress-nginx: asks for a password by digest\. Sluice: keeps the paths closed, with 503/);
});

test('of a snippet what to write instead is told for each directive, and a guard keeps the paths closed', async () => {
  const allowed = `---\n{apiVersion: v1, kind: ConfigMap, metadata: {namespace: ingress-nginx, name: ingress-nginx-controller}, data: {annotations-risk-level: Critical, allow-snippet-annotations: "true"}}\n`;
  const told = async (code: string): Promise<string> => (await migrate(ingress('s', { 'configuration-snippet': code }) + service + allowed)).printed;
  const served = await told(
    'more_set_headers "X-A: 1"; proxy_set_header X-B 2; proxy_set_header X-Real-IP $remote_addr; proxy_read_timeout 9s; sub_filter a b;',
  );
  assert.match(served, /unsupported configuration-snippet: .*directives: `more_set_headers`, .*Sluice: Serves the Ingress without it\./);
  assert.match(served, /data: \{ X-A: "1" \}` in `custom-headers`/);
  assert.match(served, /RequestHeaderModifier.* name: X-B, value: "2" /);
  assert.match(served, /`proxy_set_header`: remove it/);
  assert.match(served, /`proxy_read_timeout`: use the annotation `proxy-read-timeout`\./);
  assert.match(served, /`sub_filter`: nothing here does it/);
  const closed = await told('location ~ ^/(metrics|status) { allow 10.0.0.0/8; deny all; }');
  assert.match(
    closed,
    /Sluice: Answers all its paths with 503, so that nobody gets in whom `deny all` keeps out\.\n {4}example: GET http:\/\/s\.example\/metrics\n/,
  );
});

test('code of nginx for all host names is dangerous where it keeps clients out, and settings are told of with the name that is meant', async () => {
  const settings = `---\n{apiVersion: v1, kind: ConfigMap, metadata: {namespace: ingress-nginx, name: ingress-nginx-controller}, data: {server-snippet: deny 10.1.1.1;, http-snippet: "gzip on;", location-snippet: "", proxy-buffersize: 8k}}\n`;
  const { printed } = await migrate(ingress('s') + service + settings);
  assert.match(printed, /dangerous server-snippet: .*whom `deny 10\.1\.1\.1` kept out gets in/);
  assert.match(printed, /unsupported http-snippet: .*\n.*\n {4}remedy: `gzip`: use the settings `use-gzip`/);
  assert.match(printed, /inert location-snippet: It is empty/);
  assert.match(printed, /remedy: Remove it, or write proxy-buffer-size if that is meant\./);
});

test('the page shows what users wrote as text', async () => {
  const { printed } = await migrate(ingress('x', { 'nginx.org/<script>alert(1)</script>': '1', 'load-balance': '<img src=x>' }) + service, '-o', 'html');
  assert.match(printed, /^<!doctype html>/);
  assert.doesNotMatch(printed, /<script|<img/);
  assert.match(printed, /&lt;script&gt;/);
});

test('SARIF has a result with file and line for each finding', async () => {
  const { printed, file } = await migrate(ingress('waf', { 'enable-modsecurity': 'true' }) + service, '-o', 'sarif');
  const { version, runs } = JSON.parse(printed);
  assert.equal(version, '2.1.0');
  const [result] = runs[0].results;
  assert.equal(result.level, 'error');
  assert.equal(result.ruleId, 'dangerous');
  assert.ok(runs[0].tool.driver.rules.some(({ id }: { readonly id: string }) => id === result.ruleId));
  assert.equal(result.locations[0].physicalLocation.artifactLocation.uri, file);
  assert.equal(result.locations[0].physicalLocation.region.startLine, 6);
});

test('without anything to read it cannot run', async () => {
  const { status, complained } = await runWords(['migrate']);
  assert.equal(status, 2);
  assert.match(complained, /there is nothing to read/);
});

test('the flags of ingress-nginx are taken', async () => {
  const objects = ingress('s', { 'own.example/enable-modsecurity': 'true' }) + service;
  const { printed } = await migrate(objects, '--annotations-prefix', 'own.example', '-o', 'json');
  assert.equal(JSON.parse(printed).ingresses[0].verdict, 'dangerous');
  const { status, complained } = await runWords(['migrate', '.', '--http-port', 'x', '--election-id', 'y']);
  assert.equal(status, 2, complained);
});

for (const [name, words, said] of [
  ['schemes that do not go together', ['--from', 'http://a', '--to', 'https://b'], /--from and --to do not go together/],
  ['what is no URL', ['--from', 'a:80', '--to', 'http://b'], /not a URL/],
  ['what is no header', ['--from', 'http://a', '--to', 'http://b', '-H', 'x'], /"x" is not a header/],
  ['a log that is not there', ['--from', 'http://a', '--to', 'http://b', '--log', join(folder, 'none')], /none cannot be read/],
] as const) {
  test(`verify does not begin with ${name}`, async () => {
    const file = join(folder, 'verified.yaml');
    writeFileSync(file, ingress('plain') + service);
    const { status, complained } = await runWords(['migrate', 'verify', file, ...words]);
    assert.equal(status, 2);
    assert.match(complained, said);
  });
}

test('Gateway API is printed for Ingresses that it can say, and the others are told', async () => {
  const { status, printed, complained } = await migrate(
    ingress('plain') + ingress('listed', { 'denylist-source-range': '10.0.0.0/8' }) + service,
    '--to',
    'gateway-api',
  );
  assert.equal(status, 0);
  assert.match(printed, /^apiVersion: gateway\.networking\.k8s\.io\/v1\nkind: Gateway\n.*\n---\n.*kind: HTTPRoute\n/s);
  assert.doesNotMatch(printed, /listed/);
  assert.match(complained, /Ingress default\/listed stays: denylist-source-range has no counterpart\./);
});
