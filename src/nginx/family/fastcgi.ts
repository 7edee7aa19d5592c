import { type Family, notRead } from '../family.ts';
import { anyText, characters, text } from '../form.ts';

const annotations = {
  fastcgiIndex: {
    name: 'fastcgi-index',
    scope: 'location',
    risk: 'Medium',
    verdict: 'report',
    form: anyText,
    doc: 'No FastCGI.',
  },
  fastcgiParamsConfigmap: {
    name: 'fastcgi-params-configmap',
    scope: 'location',
    risk: 'Medium',
    verdict: 'report',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'No FastCGI.',
  },
} as const satisfies Family['annotations'];

export const fastcgi: Family = { name: 'fastcgi', annotations, read: notRead };
