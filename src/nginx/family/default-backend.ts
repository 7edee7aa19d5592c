import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  defaultBackend: {
    name: 'default-backend',
    scope: 'location',
    risk: 'Low',
    verdict: 'adapt',
    form: anyText,
    doc: 'Fallback cluster when endpoints are 0 (control plane decides) + custom_response.',
  },
} as const satisfies Family['annotations'];

export const defaultBackend: Family = { name: 'default-backend', annotations, read: notRead };
