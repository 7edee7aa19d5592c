import { isIP } from 'node:net';
import type { Origin } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import type { AuthRequest } from '../../nginx/auth-request.ts';
import { plainBackend } from '../plain-backend.ts';
import type { Reading } from '../route-context.ts';

/**
 * The backend of a service that an annotation names by its URL. One in the cluster, by its name there, is known by its endpoints; others Envoy resolves.
 * The certificate of one with HTTPS is checked against the authorities of the system: nginx checks none.
 * @param host of the service, without variables.
 */
export function urlBackend(
  use: 'auth' | 'mirror' | 'otlp',
  host: string,
  { scheme, port, protocol }: Pick<AuthRequest, 'scheme' | 'port'> & Partial<Pick<Backend, 'protocol'>>,
  at: Origin,
  { view, resolver }: Pick<Reading, 'view' | 'resolver'>,
): Backend | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?\.?$/i.exec(host) ?? [];
  if (scheme === 'http' && name && namespace && view.get('Service', namespace, name)) {
    return resolver.resolve({ kind: 'Service', namespace, name, port }, { grpc: protocol === 'http2', at });
  }
  if (isIP(host) === 0 && !/^[a-z0-9_]([-a-z0-9_.]*[a-z0-9_])?\.?$/i.test(host)) return undefined;
  return plainBackend({
    name: `${use}/${scheme}/${host}/${port}`,
    ...(protocol && { protocol }),
    endpoints: { type: 'dns', hosts: [{ hostname: host, port, weight: 1 }] },
    ...(scheme === 'https' ? { tls: { hostname: host, subjectAltNames: [] } } : {}),
    origins: [at],
  });
}
