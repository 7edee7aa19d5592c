import type { Annotation } from '../annotation.ts';
import { single } from '../family.ts';
import { characters, text } from '../form.ts';

const annotation: Annotation<string> = {
  name: 'x-forwarded-prefix',
  scope: 'location',
  risk: 'Medium',
  verdict: 'exact',
  form: text(characters.pathWithCapture, 'a path', { ignoresSpaces: true }),
  doc: 'The header X-Forwarded-Prefix that backends see where `rewrite-target` holds.',
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#x-forwarded-prefix-header */
export const forwardedPrefix = single('forwarded-prefix', annotation, 'drops the Ingress');
