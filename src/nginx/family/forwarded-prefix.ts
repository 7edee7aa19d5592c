import type { Family } from '../family.ts';
import { characters, text } from '../form.ts';
import { readTextWithVariables, type TextWithVariables } from '../text-with-variables.ts';

const annotations = {
  xForwardedPrefix: {
    name: 'x-forwarded-prefix',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.pathWithCapture, 'a path', { ignoresSpaces: true }),
    doc: 'The header X-Forwarded-Prefix that backends see where `rewrite-target` holds. It may hold variables of nginx, as `proxy-set-headers`.',
    difference: {
      example: 'GET /shop/a of the path /(shop|pay)/(.*), with `x-forwarded-prefix: /$1`',
      nginx: 'The backend sees `/shop`.',
      sluice: 'Groups of the path are not known to headers: the backend does not see the header, which is reported.',
      remedy: 'Write an Ingress for each prefix.',
    },
  },
} as const satisfies Family['annotations'];

/** `withoutValue`: backends do not see the header at all. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#x-forwarded-prefix-header */
export const forwardedPrefix: Family<TextWithVariables | 'withoutValue'> = {
  name: 'forwarded-prefix',
  annotations,
  read(reader) {
    const annotation = annotations.xForwardedPrefix;
    const found = reader.find(annotation);
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    if (found.type !== 'value') return found.type === 'missing' ? { type: 'nothing' } : { type: 'nothing', mistake: found.mistake };
    const config = /\$\d/.test(found.value) ? 'groups of the path are not known to headers' : readTextWithVariables(found.value);
    if (typeof config !== 'string') return { type: 'config', config };
    reader.unsupported({ annotation: annotation.name, message: config });
    return { type: 'config', config: 'withoutValue' };
  },
};
