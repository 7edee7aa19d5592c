import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  defaultBackend: {
    name: 'default-backend',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: anyText,
    doc: 'A Service that answers where the backend has no endpoints, and for `custom-http-errors`.',
  },
} as const satisfies Family['annotations'];

export const defaultBackend: Family = { name: 'default-backend', annotations, read: notRead };
