import { type Family, readRefusals } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  http2PushPreload: {
    name: 'http2-push-preload',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: bool,
    doc: 'Of no use: browsers have given up pushes of HTTP/2.',
  },
} as const satisfies Family['annotations'];

export const pushPreload: Family = { name: 'push-preload', annotations, read: readRefusals(annotations) };
