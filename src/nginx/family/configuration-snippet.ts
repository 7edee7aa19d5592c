import type { Family } from '../family.ts';
import { anyText } from '../form.ts';
import { readSnippet } from '../snippet.ts';

const annotations = {
  configurationSnippet: {
    name: 'configuration-snippet',
    scope: 'location',
    risk: 'Critical',
    verdict: 'report',
    form: anyText,
    doc: 'Code of nginx, which does not run here. Where it runs on ingress-nginx (`allow-snippet-annotations` on, `annotations-risk-level: Critical`) and keeps clients out, as `deny`, `return 403` and `auth_request` do, all paths of the Ingress are answered with 503; else it is served without the code.',
    difference: {
      example: 'GET /',
      nginx: 'Runs the code for the paths of the Ingress.',
      sluice: 'Serves the paths without it, or keeps them closed where the code does for some.',
      remedy: 'Say it with annotations: `sluice migrate` says for each directive with which.',
    },
  },
} as const satisfies Family['annotations'];

export const configurationSnippet: Family = {
  name: 'configuration-snippet',
  annotations,
  read: (reader) => readSnippet(annotations.configurationSnippet, reader),
};
