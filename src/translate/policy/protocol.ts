import type { PolicyContext } from './policy.ts';

/** Values of `appProtocol` that mean HTTP/2. @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const http2Protocols: readonly string[] = ['kubernetes.io/h2c', 'h2c', 'h2', 'http2', 'grpc', 'grpc-web', 'grpcs'];

/** What a backend speaks: as written, else by the `appProtocol` of its port, else HTTP/1.1. */
export function protocolOf({ policy }: PolicyContext, appProtocol: string | undefined): 'http1' | 'http2' {
  const written = policy.spec.protocol ?? 'Auto';
  if (written !== 'Auto') return written === 'HTTP2' ? 'http2' : 'http1';
  return isHttp2(appProtocol) ? 'http2' : 'http1';
}

/** Whether the `appProtocol` of a port means HTTP/2, as gRPC needs it. */
export function isHttp2(appProtocol: string | undefined): boolean {
  return http2Protocols.includes((appProtocol ?? '').toLowerCase());
}
