import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  serverSnippet: {
    name: 'server-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Nginx code.',
  },
} as const satisfies Family['annotations'];

export const serverSnippet: Family = { name: 'server-snippet', annotations, read: notRead };
