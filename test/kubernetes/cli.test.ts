import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { sluice } from '../e2e/sluice.ts';

let cluster: ApiServer;
before(
  async () => {
    cluster = await startApiServer();
    await cluster.apply(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ours, annotations: {nginx.ingress.kubernetes.io/enable-modsecurity: "true"}}
spec:
  ingressClassName: sluice
  rules: [{host: ours.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: none, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other}
spec:
  ingressClassName: nginx
  rules: [{host: other.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: none, port: {number: 80}}}}]}}]
`);
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

const of = (): readonly string[] => ['--kubernetes', '--kubeconfig', cluster.kubeconfig];

test('lint tells what is wrong with the objects of a cluster, by object and field', async () => {
  const { status, stdout } = await sluice(['lint', ...of()]);
  assert.equal(status, 1);
  assert.match(stdout, /BackendNotFound/);
  assert.match(stdout, /Ingress default\/ours/);
  assert.match(stdout, /ClassForeign/);
});

test('translate prints what the Ingresses of our class give', async () => {
  const { stdout } = await sluice(['translate', ...of()]);
  assert.match(stdout, /ours\.example/);
  assert.doesNotMatch(stdout, /other\.example/);
});

test('migrate speaks of the Ingresses of ingress-nginx', async () => {
  const { status, stdout, stderr } = await sluice(['migrate', ...of()]);
  assert.match(stdout, /enable-modsecurity/, stderr);
  assert.equal(status, 1);
});

test('a cluster that cannot be had ends the command', async () => {
  const gone = cluster.kubeconfigFor('of-nobody', 1);
  const { status, stderr } = await sluice(['lint', '--kubernetes', '--kubeconfig', gone]);
  assert.equal(status, 2);
  assert.match(stderr, /127\.0\.0\.1:1 cannot be asked \(connect ECONNREFUSED/);
  const unknown = await sluice(['lint', '--kubernetes', '--kubeconfig', cluster.kubeconfig, '--context', 'other']);
  assert.match(unknown.stderr, /there is no context other; there are test/);
  assert.equal(unknown.status, 2);
});
