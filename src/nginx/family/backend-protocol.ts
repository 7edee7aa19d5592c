import { type Family, valueOrIgnored } from '../family.ts';
import { oneOf } from '../form.ts';

const annotations = {
  backendProtocol: {
    name: 'backend-protocol',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: oneOf<'http' | 'https' | 'auto_http' | 'grpc' | 'grpcs' | 'fcgi'>(['http', 'https', 'auto_http', 'grpc', 'grpcs', 'fcgi'], { ignoresCase: true }),
    doc: 'What backends speak: HTTP/1.1, the same by TLS, HTTP/2 for gRPC, the same by TLS; `AUTO_HTTP`: TLS where the client came by it. With `FCGI` all paths are answered with 503.',
    difference: {
      holdsFor: (text) => text.trim().toUpperCase() === 'FCGI',
      example: 'GET /',
      nginx: 'With `FCGI` it speaks FastCGI with the backend.',
      sluice: 'It answers with 503, as Envoy does not know FastCGI.',
      remedy: 'Put a server that speaks HTTP beside the FastCGI process, as images of php-fpm with nginx do.',
    },
  },
} as const satisfies Family['annotations'];

/** What backends speak; `auto_http`: TLS where the client came by it. */
type BackendProtocol = 'http' | 'https' | 'auto_http' | 'grpc' | 'grpcs';

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-protocol */
export const backendProtocol: Family<BackendProtocol> = {
  name: 'backend-protocol',
  annotations,
  read(reader) {
    const value = valueOrIgnored(reader, annotations.backendProtocol);
    if (value === undefined) return { type: 'nothing' };
    if (value !== 'fcgi') return { type: 'config', config: value };
    return { type: 'denied', mistake: { annotation: annotations.backendProtocol.name, message: 'Envoy does not speak FastCGI', isUnsupported: true } };
  },
};
