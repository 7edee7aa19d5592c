import { type Family, notRead } from '../family.ts';
import { oneOf } from '../form.ts';

const annotations = {
  satisfy: {
    name: 'satisfy',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: oneOf(['any', 'all']),
    doc: '`any` = one combined rule (rbac with OR on IP, adapter for passwords).',
  },
} as const satisfies Family['annotations'];

export const satisfy: Family = { name: 'satisfy', annotations, read: notRead };
