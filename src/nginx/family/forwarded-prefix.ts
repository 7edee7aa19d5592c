import { type Family, notRead } from '../family.ts';
import { characters, text } from '../form.ts';

const annotations = {
  xForwardedPrefix: {
    name: 'x-forwarded-prefix',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.pathWithCapture, 'a path, with `$1` and so on for groups', { ignoresSpaces: true }),
    doc: 'Request_headers_to_add, only with rewrite-target.',
  },
} as const satisfies Family['annotations'];

export const forwardedPrefix: Family = { name: 'forwarded-prefix', annotations, read: notRead };
