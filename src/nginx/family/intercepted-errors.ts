import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { bool } from '../form.ts';

const annotation: Annotation<boolean> = {
  name: 'disable-proxy-intercept-errors',
  scope: 'location',
  risk: 'Low',
  verdict: 'exact',
  form: bool,
  doc: 'Whether statuses of `custom-http-errors` reach the client as the backend gave them.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#disable-proxy-intercept-errors */
export const interceptedErrors = single('intercepted-errors', annotation);
