import { backendProtocol } from '../../../nginx/family/backend-protocol.ts';
import { type HashVariable, hashBy } from '../../../nginx/family/hash-by.ts';
import { loadBalance } from '../../../nginx/family/load-balance.ts';
import { proxy } from '../../../nginx/family/proxy.ts';
import type { IngressReading } from '../../../nginx/ingress-reading.ts';
import { textOf } from '../../scene.ts';
import { writtenDuration } from '../duration.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** How backends are spoken to, and which endpoint is chosen: a BackendPolicy of their Service. */
export const services: Counterpart = {
  names: ['backend-protocol', 'load-balance', 'proxy-connect-timeout', 'upstream-hash-by', 'upstream-hash-by-subset', 'upstream-hash-by-subset-size'],
  obstacle({ reading }) {
    const spoken = reading.of(backendProtocol) ?? 'http';
    // nginx takes any certificate of a backend, and policies none that is not verified.
    if (spoken !== 'http' && spoken !== 'grpc') return `backend-protocol: ${spoken.toUpperCase()} has no counterpart, as policies verify certificates`;
    const variables = reading.of(hashBy);
    if (variables && variables.length !== 1) return 'upstream-hash-by, of anything but one variable, has no counterpart';
    return variables?.some((variable) => !inputOf(variable)) ? 'upstream-hash-by, of the path or the host name, has no counterpart' : undefined;
  },
  told(read, scene) {
    const variables = read.reading.of(hashBy);
    return [
      ...(textOf(scene, read.ingress, 'load-balance')?.trim().toLowerCase() === 'ewma'
        ? ['of two endpoints the one with fewer requests is chosen, not the faster one']
        : []),
      ...(variables?.every(({ type }) => type !== 'clientAddress') ? ['requests without the value that is hashed are spread over all endpoints'] : []),
      ...(variables && textOf(scene, read.ingress, 'upstream-hash-by-subset') === 'true' ? ['all requests with one value go to one endpoint'] : []),
    ];
  },
};

/** nginx's own, which says nothing. */
const usualConnectTimeoutMs = 5000;

/** What a BackendPolicy says of a Service. @param ofLocation the reading of the location, for a canary too: what it speaks it speaks with both. */
export function policyOf(reading: IngressReading, ofLocation: IngressReading): Written {
  const connectMs = reading.of(proxy)?.connectTimeoutMs ?? usualConnectTimeoutMs;
  const loadBalancer = loadBalancerOf(reading);
  return {
    ...(loadBalancer && { loadBalancer }),
    ...(connectMs > 0 && connectMs !== usualConnectTimeoutMs && { timeouts: { connect: writtenDuration(connectMs / 1000) } }),
    ...(ofLocation.of(backendProtocol) === 'grpc' && { protocol: 'HTTP2' }),
  };
}

function loadBalancerOf(reading: IngressReading): Written | undefined {
  const variables = reading.of(hashBy);
  if (variables) return { type: 'RingHash', hashOn: variables.map(inputOf) };
  return reading.of(loadBalance) === 'round_robin' ? { type: 'RoundRobin' } : undefined;
}

function inputOf(variable: HashVariable): Written | undefined {
  switch (variable.type) {
    case 'clientAddress':
      return { clientAddress: true };
    case 'cookie':
      return { cookie: { name: variable.name } };
    case 'header':
      return { header: variable.name };
    case 'query':
      return { query: variable.name };
    default:
      return undefined;
  }
}
