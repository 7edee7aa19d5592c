import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  serviceUpstream: {
    name: 'service-upstream',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Cluster with one endpoint = ClusterIP.',
  },
} as const satisfies Family['annotations'];

export const serviceUpstream: Family = { name: 'service-upstream', annotations, read: notRead };
