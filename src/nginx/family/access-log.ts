import { type Family, notRead } from '../family.ts';
import { bool } from '../form.ts';

const annotations = {
  enableAccessLog: {
    name: 'enable-access-log',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether requests are written to the access log.',
  },
  enableRewriteLog: {
    name: 'enable-rewrite-log',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Not done: `sluice explain` says what becomes of a path.',
    difference: {
      example: 'GET /',
      nginx: 'Writes what its rewrites do into the error log.',
      sluice: 'Writes nothing.',
      remedy: 'Ask `sluice explain` what becomes of a path.',
    },
  },
} as const satisfies Family['annotations'];

export const accessLog: Family = { name: 'access-log', annotations, read: notRead };
