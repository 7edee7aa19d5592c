import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  http2PushPreload: {
    name: 'http2-push-preload',
    scope: 'location',
    risk: 'Low',
    verdict: 'noop',
    form: bool,
    doc: 'Push is gone from browsers.',
  },
} as const satisfies Family['annotations'];

export const pushPreload: Family = { name: 'push-preload', annotations, read: notRead };
