import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  backendProtocol: {
    name: 'backend-protocol',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: anyText,
    doc: 'HTTP, HTTPS = UpstreamTlsContext; GRPC(S) = http2; AUTO_HTTP by listener; FCGI report.',
  },
} as const satisfies Family['annotations'];

export const backendProtocol: Family = { name: 'backend-protocol', annotations, read: notRead };
