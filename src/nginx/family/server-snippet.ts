import type { Family } from '../family.ts';
import { anyText } from '../form.ts';
import { readSnippet } from '../snippet.ts';

const annotations = {
  serverSnippet: {
    name: 'server-snippet',
    scope: 'ingress',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Code of nginx, which does not run here; as `configuration-snippet`. Other Ingresses of the host name, for which it runs on ingress-nginx too, are served.',
    difference: {
      example: 'GET /',
      nginx: 'Runs the code for the host names of the Ingress.',
      sluice: 'Serves the paths of the Ingress without it, or keeps them closed where the code does for some.',
      remedy: 'Say it with annotations, and with Ingresses for its locations: `sluice migrate` says for each directive with which.',
    },
  },
} as const satisfies Family['annotations'];

export const serverSnippet: Family = { name: 'server-snippet', annotations, read: (reader) => readSnippet(annotations.serverSnippet, reader) };
