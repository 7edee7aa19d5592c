import { randomBytes } from 'node:crypto';
import { startAuthz } from '../../src/authz/server.ts';
import { sealingKeyBytes } from '../../src/sealing.ts';
import { defaultIngressSettings, defaultSettings, type IngressSettings } from '../../src/settings.ts';
import { type Stack, startStack } from '../e2e/harness.ts';
import { freePort } from '../e2e/port.ts';
import { waitFor } from '../e2e/wait.ts';
import type { Gateway } from './send.ts';

/** A server and an Envoy that one case after the other is served by. */
export interface CaseGateway extends Gateway, AsyncDisposable {
  /** Serves these objects and nothing else, and waits until Envoy does. @throws {Error} where it does not. */
  serve(yaml: string, dialect: IngressSettings['dialect']): Promise<void>;
  /** What the server says of the objects now. */
  diagnostics(): readonly string[];
}

/**
 * Starts them. A Gateway on a port of its own, which no Ingress is on, answers with the number of the state that is served: that is
 * how a state is known to have arrived, whatever is in it.
 */
export async function startCaseGateway(): Promise<CaseGateway> {
  const markerPort = await freePort();
  let state = 0;
  let { dialect } = defaultIngressSettings;
  const ingress = { tcpServices: 'ingress-nginx/tcp-services', udpServices: 'ingress-nginx/udp-services' };
  const settings = { ingress, release: { ...defaultSettings.release, fusePercent: 100, fuseHoldMs: 0 } };
  const key = randomBytes(sealingKeyBytes);
  const authz = await startAuthz({ listen: '127.0.0.1:0', key, version: 'test' });
  const objects = { 'marker.yaml': marker(markerPort, state) };
  const stack = await startStack({ objects, settings, drainSeconds: 1, authz: { address: authz.address, key } });
  return {
    httpPort: stack.httpPort,
    httpsPort: stack.httpsPort,
    async serve(yaml, wanted) {
      state += 1;
      if (wanted !== dialect) {
        dialect = wanted;
        await stack.stopServer();
        await stack.startServer({ ingress: { ...ingress, dialect } });
      }
      // One file: no half of a state is ever served.
      await stack.write('marker.yaml', `${marker(markerPort, state)}\n---\n${yaml}`);
      await waitFor(`Envoy serves it; the server says:\n${diagnostics(stack).join('\n')}`, () => isServed(stack, markerPort, state));
    },
    diagnostics: () => diagnostics(stack),
    async [Symbol.asyncDispose]() {
      await stack.close();
      await authz.stop();
    },
  };
}

function marker(port: number, state: number): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: marker, namespace: marker}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: ${port}, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: marker, namespace: marker}
spec:
  parentRefs: [{name: marker}]
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: state-${state}.test}}]}]`;
}

async function isServed(stack: Stack, port: number, state: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual', headers: { connection: 'close' } });
  if (!answer.headers.get('location')?.includes(`//state-${state}.test`)) return false;
  const { engine, ads } = stack.server();
  const revision = engine.snapshot('default')?.revision;
  if (!ads.nodes().every(({ revisionAcked }) => revisionAcked === revision)) return false;
  return (await stack.stat('listener_manager.total_listeners_warming')) === 0;
}

function diagnostics(stack: Stack): readonly string[] {
  return stack
    .server()
    .engine.diagnostics()
    .map(({ code, message }) => `${code}: ${message}`);
}
