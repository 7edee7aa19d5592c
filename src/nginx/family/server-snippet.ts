import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  serverSnippet: {
    name: 'server-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Not done: it is code of nginx.',
    difference: {
      example: 'GET /, with `allow-snippet-annotations` on and `annotations-risk-level: Critical`',
      nginx: 'Runs the code for the host names of the Ingress.',
      sluice: 'Serves the host names without it, which is reported.',
      remedy: 'Say what it is for with annotations, an HTTPRoute or a policy.',
    },
  },
} as const satisfies Family['annotations'];

export const serverSnippet: Family = { name: 'server-snippet', annotations, read: notRead };
