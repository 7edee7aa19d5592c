import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  streamSnippet: {
    name: 'stream-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Nginx code.',
  },
} as const satisfies Family['annotations'];

export const streamSnippet: Family = { name: 'stream-snippet', annotations, read: notRead };
