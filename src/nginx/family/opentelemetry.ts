import { type Family, notRead } from '../family.ts';
import { anyText, bool } from '../form.ts';

const annotations = {
  enableOpentelemetry: {
    name: 'enable-opentelemetry',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'HCM tracing, per-route `tracing` sampling.',
  },
  opentelemetryTrustIncomingSpan: {
    name: 'opentelemetry-trust-incoming-span',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: '`spawn_upstream_span` / ignore incoming context by header removal.',
  },
  opentelemetryOperationName: {
    name: 'opentelemetry-operation-name',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: 'Route `decorator.operation`.',
  },
} as const satisfies Family['annotations'];

export const opentelemetry: Family = { name: 'opentelemetry', annotations, read: notRead };
