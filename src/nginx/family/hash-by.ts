import { type Family, notRead } from '../family.ts';
import { anyText, bool, int } from '../form.ts';

const annotations = {
  upstreamHashBy: {
    name: 'upstream-hash-by',
    scope: 'location',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: 'Header :path, :authority, header, query_parameter, source_ip; mixtures reported.',
  },
  upstreamHashBySubset: {
    name: 'upstream-hash-by-subset',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Subset load balancing is not random inside a hash subset.',
  },
  upstreamHashBySubsetSize: {
    name: 'upstream-hash-by-subset-size',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'As above.',
  },
} as const satisfies Family['annotations'];

export const hashBy: Family = { name: 'hash-by', annotations, read: notRead };
