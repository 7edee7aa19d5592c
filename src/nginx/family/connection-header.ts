import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  connectionProxyHeader: {
    name: 'connection-proxy-header',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: anyText,
    doc: 'Hop-by-hop; `close` ~ max_requests_per_connection 1.',
  },
} as const satisfies Family['annotations'];

export const connectionHeader: Family = { name: 'connection-header', annotations, read: notRead };
