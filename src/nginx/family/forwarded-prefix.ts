import type { Annotation } from '../annotation.ts';
import type { Family } from '../family.ts';
import { characters, text } from '../form.ts';

const annotation: Annotation<string> = {
  name: 'x-forwarded-prefix',
  scope: 'location',
  risk: 'Medium',
  verdict: 'exact',
  form: text(characters.pathWithCapture, 'a path', { ignoresSpaces: true }),
  doc: 'The header X-Forwarded-Prefix that backends see where `rewrite-target` holds.',
};

/** A value that validation refuses drops the Ingress. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#x-forwarded-prefix-header */
export const forwardedPrefix: Family<string> = {
  name: 'forwarded-prefix',
  annotations: { [annotation.name]: annotation as Annotation },
  read(reader) {
    const found = reader.find(annotation);
    if (found.type === 'value') return { type: 'config', config: found.value };
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    return found.type === 'missing' ? { type: 'nothing' } : { type: 'nothing', mistake: found.mistake };
  },
};
