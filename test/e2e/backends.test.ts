import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { startHttpBackend } from './backend.ts';
import { startStack } from './harness.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

/** How many of `count` requests each backend answered, by the body; anything but 200 by its status. */
async function shares(ask: () => Promise<{ readonly status: number; readonly body: string }>, count: number): Promise<Readonly<Record<string, number>>> {
  const by: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const { status, body } = await ask();
    const key = status === 200 ? body : String(status);
    by[key] = (by[key] ?? 0) + 1;
  }
  return by;
}

const backendRoute = (path: string, name: string, port: number, kind: 'Backend' | 'Service' = 'Backend'): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {type: PathPrefix, value: ${path}}}]
      backendRefs: [{group: "${kind === 'Backend' ? 'gateway.sluice.dev' : ''}", kind: ${kind}, name: ${name}, port: ${port}}]`;

test('endpoints outside Kubernetes are reached by address with their weights, and by name', async () => {
  await using light = await startHttpBackend('light');
  await using heavy = await startHttpBackend('heavy');
  await using stack = await startStack({
    objects: {
      'all.yaml': [
        gatewayYaml,
        backendRoute('/weights', 'weights', light.port),
        `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: weights}
spec: {endpoints: [{address: 127.0.0.1}, {address: 127.0.0.1, port: ${heavy.port}, weight: 4}]}`,
        backendRoute('/name', 'name', heavy.port),
        `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: name}
spec: {endpoints: [{hostname: localhost}]}`,
        backendRoute('/external', 'external', light.port, 'Service'),
        `
apiVersion: v1
kind: Service
metadata: {name: external}
spec: {type: ExternalName, externalName: localhost}`,
      ].join('\n---'),
    },
  });
  await waitFor('both addresses answer', async () => {
    const by = await shares(() => stack.http('/weights'), 20);
    return (by['light'] ?? 0) > 0 && (by['heavy'] ?? 0) > 0;
  });
  const by = await shares(() => stack.http('/weights'), 500);
  // 4 of 5; 4.5 standard deviations are 40 requests.
  assert.ok(Math.abs((by['heavy'] ?? 0) - 400) <= 40, JSON.stringify(by));
  assert.deepEqual(await shares(() => stack.http('/name'), 5), { heavy: 5 });
  assert.deepEqual(await shares(() => stack.http('/external'), 5), { light: 5 });
});

/** An HTTPS backend that answers with the name of the client's certificate. */
async function startTlsBackend(name: string): Promise<AsyncDisposable & { readonly port: number; readonly certificate: string }> {
  const { certificate, key } = await selfSigned([name], Date.now());
  const server = createServer({ cert: certificate, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as TLSSocket;
    response.end(`${String(socket.servername)} ${socket.getPeerCertificate().subject?.CN ?? 'nobody'}`);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    certificate,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

test('TLS to a backend: its certificate is checked against authority and name, and ours is shown', async () => {
  await using secure = await startTlsBackend('secure.example.com');
  const client = await selfSigned(['client.example.com'], Date.now());
  const stranger = await selfSigned(['secure.example.com'], Date.now());
  const authority = (name: string, pem: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {ca.crt: ${JSON.stringify(pem)}}`;
  const policy = (service: string, tls: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${service}}
spec: {targetRefs: [{group: "", kind: Service, name: ${service}}], outlierDetection: {preset: "Off"}, tls: {${tls}}}`;
  const right = 'hostname: secure.example.com, caRefs: [{kind: ConfigMap, name: ca}]';
  const services = ['good', 'mutual', 'stranger', 'misnamed', 'system', 'missing'];
  await using stack = await startStack({
    objects: {
      'all.yaml': [
        gatewayYaml,
        ...services.flatMap((name) => [routeYaml(name, { [name]: 1 }, `/${name}`), serviceYaml(name, [secure.port])]),
        authority('ca', secure.certificate),
        authority('strangers', stranger.certificate),
        `\n${tlsSecret('client', client)}`,
        policy('good', right),
        policy('mutual', `${right}, clientCertificateRef: {kind: Secret, name: client}`),
        policy('stranger', 'hostname: secure.example.com, caRefs: [{kind: ConfigMap, name: strangers}]'),
        policy('misnamed', 'hostname: other.example.com, caRefs: [{kind: ConfigMap, name: ca}]'),
        policy('system', 'hostname: secure.example.com'),
        policy('missing', 'hostname: secure.example.com, caRefs: [{kind: ConfigMap, name: nobody}]'),
      ].join('\n---'),
    },
  });
  const answers = new Map<string, string>();
  for (const name of services) {
    const { status, body } = await stack.http(`/${name}`);
    answers.set(name, status === 200 ? body : String(status));
  }
  assert.deepEqual(Object.fromEntries(answers), {
    good: 'secure.example.com nobody',
    mutual: 'secure.example.com client.example.com',
    stranger: '503',
    misnamed: '503',
    system: '503',
    missing: '500',
  });
});
