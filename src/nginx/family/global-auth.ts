import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  enableGlobalAuth: {
    name: 'enable-global-auth',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Per-route ext_authz disabled.',
  },
} as const satisfies Family['annotations'];

export const globalAuth: Family = { name: 'global-auth', annotations, read: notRead };
