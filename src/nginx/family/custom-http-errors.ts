import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { intList } from '../form.ts';

const annotation: Annotation<readonly number[]> = {
  name: 'custom-http-errors',
  scope: 'location',
  risk: 'Low',
  verdict: 'adapt',
  form: { ...intList, accepts: (text) => /^\d+(?:,\d+)*$/.test(text) },
  doc: 'Statuses whose answers the default backend gives instead: it is asked for `/` with the headers that ingress-nginx sends, and its status is what clients see. Without one it is that of `--default-backend-service`, and without that they are answered with 404.',
  difference: {
    example: 'GET / where the backend answers 503 with more than 32 KiB',
    nginx: 'The default backend answers.',
    sluice: 'The client gets 500, as Envoy holds no more of an answer that is replaced.',
    remedy: 'Let backends answer errors briefly.',
  },
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-http-errors */
export const customHttpErrors = single('custom-http-errors', annotation);
