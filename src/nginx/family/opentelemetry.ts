import { type Family, notRead } from '../family.ts';
import { anyText, bool } from '../form.ts';

const annotations = {
  enableOpentelemetry: {
    name: 'enable-opentelemetry',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether spans of the requests are sent to the collector.',
  },
  opentelemetryTrustIncomingSpan: {
    name: 'opentelemetry-trust-incoming-span',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether the span of the client is the parent.',
  },
  opentelemetryOperationName: {
    name: 'opentelemetry-operation-name',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: 'The name of the span of a request.',
  },
} as const satisfies Family['annotations'];

export const opentelemetry: Family = { name: 'opentelemetry', annotations, read: notRead };
