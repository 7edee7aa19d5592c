import { type Family, notRead } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  streamSnippet: {
    name: 'stream-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Not done: it is code of nginx.',
    difference: {
      example: 'a connection to a port of `tcp-services`',
      nginx: 'Runs the code for plain TCP and UDP.',
      sluice: 'Serves these ports without it, which is reported.',
      remedy: 'Say what it is for with a TCP proxy of your own.',
    },
  },
} as const satisfies Family['annotations'];

export const streamSnippet: Family = { name: 'stream-snippet', annotations, read: notRead };
