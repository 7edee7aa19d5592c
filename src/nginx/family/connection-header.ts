import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { oneOf } from '../form.ts';

const annotation: Annotation<'close' | 'keep-alive'> = {
  name: 'connection-proxy-header',
  scope: 'location',
  risk: 'Low',
  verdict: 'exact',
  form: oneOf(['close', 'keep-alive']),
  doc: 'The value of the header Connection that backends get; after `close` they end the connection.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#connection-proxy-header */
export const connectionHeader = single('connection-header', annotation, 'drops the Ingress');
