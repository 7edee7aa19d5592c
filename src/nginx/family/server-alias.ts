import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  serverAlias: {
    name: 'server-alias',
    scope: 'ingress',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: 'Virtual host domains; ~regex by :authority matcher.',
  },
} as const satisfies Family['annotations'];

export const serverAlias: Family = { name: 'server-alias', annotations, read: notRead };
