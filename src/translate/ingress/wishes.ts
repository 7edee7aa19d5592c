import type { HashInput, LoadBalancer } from '../../ir/backend.ts';
import { backendProtocol } from '../../nginx/family/backend-protocol.ts';
import { type HashVariable, hashBy } from '../../nginx/family/hash-by.ts';
import { loadBalance } from '../../nginx/family/load-balance.ts';
import { proxy } from '../../nginx/family/proxy.ts';
import { serviceUpstream } from '../../nginx/family/service-upstream.ts';
import type { IngressReading } from '../../nginx/ingress-reading.ts';
import type { BackendWishes } from '../backend.ts';
import { keepaliveWishes } from './connections.ts';
import type { FeatureContext } from './feature/feature.ts';
import { backendNamespaceOf, type Location } from './location.ts';
import { upstreamTlsOf } from './upstream-tls.ts';

/** nginx's own: an Ingress that says nothing else keeps the shorter one of Sluice, whose connections are tried again earlier. */
const usualConnectTimeoutMs = 5000;

type Context = Pick<FeatureContext, 'view' | 'controller' | 'report' | 'port'>;

/**
 * What the annotations of an Ingress ask of its backends, which then are clusters of their own; most ask for nothing. Undefined: it cannot be had.
 * @param ofUpstream what says how endpoints are chosen.
 */
export function wishesOf(
  location: Pick<Location, 'ingress' | 'reading' | 'backend' | 'backendNamespace'>,
  ofUpstream: IngressReading,
  context: Context,
): BackendWishes | undefined {
  const {
    reading,
    backend: { service },
  } = location;
  const { view, port } = context;
  const spoken = reading.of(backendProtocol) ?? 'http';
  const isTls = spoken === 'https' || spoken === 'grpcs' || (spoken === 'auto_http' && port().scheme === 'https');
  const tls = isTls ? upstreamTlsOf(location, context) : undefined;
  if (isTls && !tls) return undefined;
  const loadBalancer = loadBalancerOf(ofUpstream.of(hashBy), ofUpstream.of(loadBalance));
  const connectTimeoutMs = reading.of(proxy)?.connectTimeoutMs ?? usualConnectTimeoutMs;
  const { clusterIP } = (ofUpstream.of(serviceUpstream) && service && view.get('Service', backendNamespaceOf(location), service.name)?.object.spec) || {};
  return {
    ...(loadBalancer ? { loadBalancer } : {}),
    ...keepaliveWishes(context.controller),
    ...(connectTimeoutMs > 0 && connectTimeoutMs !== usualConnectTimeoutMs ? { connectTimeoutMs } : {}),
    ...(spoken === 'grpc' || spoken === 'grpcs' ? { protocol: 'http2' } : {}),
    ...(tls ? { tls } : {}),
    ...(clusterIP && clusterIP !== 'None' ? { address: clusterIP } : {}),
  };
}

function loadBalancerOf(variables: readonly HashVariable[] | undefined, type: 'round_robin' | 'ewma' | undefined): LoadBalancer | undefined {
  if (variables) return { type: 'RingHash', hashOn: hashInputs(variables) };
  return type === 'round_robin' ? { type: 'RoundRobin', hashOn: [] } : undefined;
}

/** All of them count. Every request has a scheme: those without a value of the last one have the same hash there, and with one variable go to one endpoint. */
function hashInputs(variables: readonly HashVariable[]): readonly HashInput[] {
  const inputs = variables.toSorted((a, b) => Number(isAlwaysThere(a)) - Number(isAlwaysThere(b))).map(inputOf);
  return [...inputs.slice(0, -1).map((input) => ({ ...input, goesOn: true as const })), ...inputs.slice(-1), { type: 'header', name: ':scheme' }];
}

function isAlwaysThere({ type }: HashVariable): boolean {
  return type === 'uri' || type === 'host' || type === 'clientAddress';
}

function inputOf(variable: HashVariable): HashInput {
  switch (variable.type) {
    case 'uri':
      return { type: 'header', name: ':path' };
    case 'host':
      return { type: 'header', name: ':authority' };
    case 'clientAddress':
      return { type: 'clientAddress' };
    default:
      return { type: variable.type, name: variable.name };
  }
}
