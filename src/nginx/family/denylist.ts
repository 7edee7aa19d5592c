import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  denylistSourceRange: {
    name: 'denylist-source-range',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: 'Per-route `rbac` DENY before ALLOW.',
  },
} as const satisfies Family['annotations'];

export const denylist: Family = { name: 'denylist', annotations, read: notRead };
