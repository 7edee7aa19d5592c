import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  loadBalance: {
    name: 'load-balance',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: anyText,
    doc: 'Round_robin = ROUND_ROBIN; ewma = LEAST_REQUEST (report) or peak_ewma extension.',
  },
} as const satisfies Family['annotations'];

export const loadBalance: Family = { name: 'load-balance', annotations, read: notRead };
