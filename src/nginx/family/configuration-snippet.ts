import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  configurationSnippet: {
    name: 'configuration-snippet',
    scope: 'location',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Not done: it is code of nginx. The report says which of it has a form of its own.',
    difference: {
      example: 'GET /, with `allow-snippet-annotations` on and `annotations-risk-level: Critical`',
      nginx: 'Runs the code for the paths of the Ingress.',
      sluice: 'Serves the paths without it, which is reported.',
      remedy: 'Set headers by filters of an HTTPRoute, as the report shows; say the rest with annotations or a policy.',
    },
  },
} as const satisfies Family['annotations'];

export const configurationSnippet: Family = { name: 'configuration-snippet', annotations, read: notRead };
