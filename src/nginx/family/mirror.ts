import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  mirrorRequestBody: {
    name: 'mirror-request-body',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: anyText,
    doc: 'Off impossible.',
  },
  mirrorTarget: {
    name: 'mirror-target',
    scope: 'ingress',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: '`request_mirror_policies` + cluster from the URL; a path other than $request_uri cannot be expressed.',
  },
  mirrorHost: {
    name: 'mirror-host',
    scope: 'ingress',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: '`host_rewrite_literal` in the mirror policy (1.3x) or cluster option; switch off -shadow suffix.',
  },
} as const satisfies Family['annotations'];

export const mirror: Family = { name: 'mirror', annotations, read: notRead };
