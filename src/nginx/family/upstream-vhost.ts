import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { characters, text } from '../form.ts';

const annotation: Annotation<string> = {
  name: 'upstream-vhost',
  scope: 'location',
  risk: 'Low',
  verdict: 'exact',
  form: text(characters.regex, 'a host name, or variables of nginx'),
  doc: 'The Host header that the backend sees, instead of what the client asked for.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-upstream-vhost */
export const upstreamVhost = single('upstream-vhost', annotation);
