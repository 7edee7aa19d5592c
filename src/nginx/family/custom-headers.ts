import { type Family, notRead } from '../family.ts';
import { characters, text } from '../form.ts';

const annotations = {
  customHeaders: {
    name: 'custom-headers',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: '`response_headers_to_add` OVERWRITE; names not allowed = 503 route.',
  },
} as const satisfies Family['annotations'];

export const customHeaders: Family = { name: 'custom-headers', annotations, read: notRead };
