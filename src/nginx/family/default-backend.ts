import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { text } from '../form.ts';

const annotation: Annotation<string> = {
  name: 'default-backend',
  scope: 'location',
  risk: 'Low',
  verdict: 'adapt',
  form: text(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'the name of a Service'),
  doc: 'A Service of the same namespace that answers where the backend has no endpoints, and for `custom-http-errors`.',
  difference: {
    example: 'POST / with a body, where the backend has no endpoints',
    nginx: 'The default backend gets the body.',
    sluice: 'It is asked without a body.',
    remedy: 'None is needed for pages that tell of errors.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#default-backend */
export const defaultBackend = single('default-backend', annotation, 'drops the Ingress');
