import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { objectsOf } from '../test/fake/objects.ts';
import { type Build, build } from './build.ts';
import { defaultSettings } from './settings.ts';
import { createStore } from './store/store.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [192.0.2.1]}]`;

/** @param annotations without their prefix. */
const ingress = (name: string, path: string, backend: string, annotations: Readonly<Record<string, string>> = {}): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations: ${JSON.stringify(Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value])))}
spec:
  rules:
    - host: ${name.replace('-canary', '')}.example
      http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: ${backend}, port: {number: 80}}}}]}`;

const route = (name: string, path: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: web}]
  hostnames: [${name}.example]
  rules: [{matches: [{path: {value: ${path}}}], backendRefs: [{name: a, port: 80}, {name: b, port: 80}]}]`;

const further = `
apiVersion: v1
kind: Secret
metadata: {name: users}
stringData: {auth: "bob:{PLAIN}secret"}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 9000, protocol: HTTP}]}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: c}
spec: {targetRefs: [{group: "", kind: Service, name: c}], panicThresholdPercent: 10}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: stays}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: stays}], retries: {count: 2}}`;

/** What asks for many things that stand elsewhere. */
const asking: Readonly<Record<string, string>> = {
  affinity: 'cookie',
  'auth-secret': 'users',
  'auth-type': 'basic',
  'auth-url': 'http://b.default.svc.cluster.local/check',
  'custom-http-errors': '503',
  'default-backend': 'b',
  'from-to-www-redirect': 'true',
  'mirror-target': 'http://b.default.svc.cluster.local$request_uri',
  'server-alias': 'alias.example',
  'service-upstream': 'true',
};

const standing = [
  ...['a', 'b', 'c', 'd', 'e'].map(service),
  further,
  ingress('changes', '/', 'd'),
  ingress('changes-canary', '/', 'b', { canary: 'true' }),
  ingress('asks', '/', 'a', asking),
  ingress('split', '/', 'e'),
  ingress('split-canary', '/', 'b', { canary: 'true' }),
  ingress('governed', '/', 'c'),
  ingress('lacks', '/', 'nobody'),
  route('changes', '/'),
  route('stays', '/'),
];

test('what is made of objects holds on to nothing that was there before', async () => {
  const store = createStore(['files']);
  const sink = store.sink('files');
  sink.list(objectsOf(standing.join('\n---')));
  const rounds: Readonly<Record<string, WeakRef<object>>>[] = [];
  let last: Build | undefined;
  for (let round = 0; round < 6; round += 1) {
    last = next(round, last);
    // What a weak reference leads to is kept for the turn in which it was made.
    await setImmediate();
  }
  const kept = (): readonly string[] => rounds.slice(0, -1).flatMap((refs) => Object.keys(refs).filter((name) => refs[name]?.deref()));
  // What is being compiled on another thread keeps what it looks at until that is over.
  for (let times = 0; times < 50 && kept().length > 0; times += 1) {
    await delay(20);
    collectGarbage();
  }
  assert.deepEqual(kept(), []);
  assert.equal(rounds.at(-1)?.['moment']?.deref(), last?.moment, 'collecting takes nothing that is in use');

  /** In turns an Ingress becomes another one, its canary and an HTTPRoute as well. */
  function next(round: number, before: Build | undefined): Build {
    const changed = [ingress('changes', `/${round}`, 'd'), ingress('changes-canary', `/${round}`, 'b', { canary: 'true' }), route('changes', `/${round}`)];
    sink.change({ put: objectsOf(changed.slice(0, 1 + (round % changed.length)).join('\n---')), remove: [] });
    const view = store.frozen();
    const built = build(view, defaultSettings, { before });
    rounds.push({
      view: new WeakRef(view),
      moment: new WeakRef(built.moment),
      ingress: new WeakRef(view.get('Ingress', 'default', 'changes') ?? view),
      representation: new WeakRef(built.groups.get('default') ?? view),
    });
    return built;
  }
});
