import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  configurationSnippet: {
    name: 'configuration-snippet',
    scope: 'location',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Nginx code; offer native form for header-only snippets.',
  },
} as const satisfies Family['annotations'];

export const configurationSnippet: Family = { name: 'configuration-snippet', annotations, read: notRead };
