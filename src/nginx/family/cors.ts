import { type Family, notRead } from '../family.ts';
import { anyText, bool, characters, int, text } from '../form.ts';

const annotations = {
  enableCors: {
    name: 'enable-cors',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: '`cors` filter answers true preflights only; nginx answers every OPTIONS.',
  },
  corsAllowOrigin: {
    name: 'cors-allow-origin',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: '`allow_origin_string_match` (nginx: case-insensitive, not anchored at the start).',
  },
  corsAllowHeaders: {
    name: 'cors-allow-headers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.headers, 'names of headers with commas between', { ignoresSpaces: true }),
    doc: '`allow_headers`.',
  },
  corsAllowMethods: {
    name: 'cors-allow-methods',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: '`allow_methods` (+ on plain responses by response_headers).',
  },
  corsAllowCredentials: {
    name: 'cors-allow-credentials',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: '`allow_credentials`.',
  },
  corsExposeHeaders: {
    name: 'cors-expose-headers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: '`expose_headers`.',
  },
  corsMaxAge: {
    name: 'cors-max-age',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: '`max_age`.',
  },
} as const satisfies Family['annotations'];

export const cors: Family = { name: 'cors', annotations, read: notRead };
