import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  customHttpErrors: {
    name: 'custom-http-errors',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: anyText,
    doc: 'Statuses of the backend whose answers the default backend gives instead.',
  },
} as const satisfies Family['annotations'];

export const customHttpErrors: Family = { name: 'custom-http-errors', annotations, read: notRead };
