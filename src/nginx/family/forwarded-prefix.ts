import type { Family } from '../family.ts';
import { characters, text } from '../form.ts';
import { isGroup, readTextWithVariables, type TextWithVariables } from '../text-with-variables.ts';

const annotations = {
  xForwardedPrefix: {
    name: 'x-forwarded-prefix',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.pathWithCapture, 'a path', { ignoresSpaces: true }),
    doc: 'The header X-Forwarded-Prefix that backends see where `rewrite-target` holds. It may hold groups of the path, `$1` to `$9`, and variables of nginx, as `proxy-set-headers`.',
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
    const config = readTextWithVariables(found.value, isGroup);
    if (typeof config !== 'string') return { type: 'config', config };
    reader.unsupported({ annotation: annotation.name, message: config });
    return { type: 'config', config: 'withoutValue' };
  },
};
