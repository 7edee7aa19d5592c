import type { AnnotationReader, Family, FamilyReading } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

/** Of the URL of a redirect. */
const textWithVariables = {
  holdsFor: (text: string) => text.includes('$'),
  example: 'GET /a',
  nginx: 'Puts the path in the place of `$request_uri`, where validation of annotations is off.',
  sluice: 'Writes the text as it is.',
  remedy: 'Use an HTTPRoute with a RequestRedirect, which keeps the path.',
} as const;

const annotations = {
  fromToWwwRedirect: {
    name: 'from-to-www-redirect',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Sends requests for the host name with `www.` to the one without, or the other way round.',
  },
  permanentRedirect: {
    name: 'permanent-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'Where all requests are sent, with 301; path and query of the request are dropped. A path is one of the same host name.',
    difference: textWithVariables,
  },
  permanentRedirectCode: {
    name: 'permanent-redirect-code',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Another status than 301, from 300 to 308.',
    difference: {
      holdsFor: (text) => !['301', '302', '303', '307', '308'].includes(text.trim()),
      example: 'GET /',
      nginx: 'Answers 300 with the URL as its text, of the type `application/octet-stream`.',
      sluice: 'Answers 300 with the URL as its text, of the type `text/plain`. 301, 302, 303, 307 and 308 are the same.',
      remedy: 'Use one of these five.',
    },
  },
  temporalRedirect: {
    name: 'temporal-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'Where all requests are sent, with 302, if it is a URL. It wins over `permanent-redirect`, which is not even looked at then.',
    difference: textWithVariables,
  },
  temporalRedirectCode: {
    name: 'temporal-redirect-code',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Another status than 302, from 300 to 307.',
    difference: {
      holdsFor: (text) => !['301', '302', '303', '307'].includes(text.trim()),
      example: 'GET /',
      nginx: 'Answers 300 with the URL as its text, of the type `application/octet-stream`.',
      sluice: 'Answers 300 with the URL as its text, of the type `text/plain`. 301, 302, 303 and 307 are the same.',
      remedy: 'Use one of these four.',
    },
  },
  relativeRedirects: {
    name: 'relative-redirects',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'The redirect from `/shop` to `/shop/` names the path alone, without scheme and host.',
  },
} as const satisfies Family['annotations'];

/** Redirects that answer instead of a backend. */
interface RedirectConfig {
  /** Undefined: requests go to the backend. */
  readonly to: { readonly url: string; readonly status: number } | undefined;
  readonly fromToWww: boolean;
  /** Whether the redirect to the path with a slash leaves scheme and host out. */
  readonly isRelative: boolean;
}

/** A value that validation refuses drops the Ingress. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#temporal-redirect */
export const redirect: Family<RedirectConfig> = { name: 'redirect', annotations, read };

function read(reader: AnnotationReader): FamilyReading<RedirectConfig> {
  const { temporalRedirect, temporalRedirectCode, permanentRedirect, permanentRedirectCode, fromToWwwRedirect, relativeRedirects } = annotations;
  const config = (to: RedirectConfig['to']): FamilyReading<RedirectConfig> => ({
    type: 'config',
    config: {
      to,
      fromToWww: reader.value(fromToWwwRedirect) ?? false,
      isRelative: reader.value(relativeRedirects) ?? reader.controller.value('relative-redirects'),
    },
  });
  const temporal = reader.value(temporalRedirect);
  const wrong = firstWrong(reader, [fromToWwwRedirect, temporalRedirect, temporalRedirectCode]);
  if (wrong) return wrong;
  if (temporal !== undefined) {
    if (/^http[a-z\d+.-]*:/i.test(temporal)) return config({ url: temporal, status: statusOf(reader.value(temporalRedirectCode), 307, 302) });
    return { type: 'nothing', mistake: { annotation: temporalRedirect.name, message: `${JSON.stringify(temporal)} is not a URL of HTTP or HTTPS` } };
  }
  const wrongPermanent = firstWrong(reader, [permanentRedirect, permanentRedirectCode, relativeRedirects]);
  if (wrongPermanent) return wrongPermanent;
  const url = reader.value(permanentRedirect);
  return config(url === undefined ? undefined : { url, status: statusOf(reader.value(permanentRedirectCode), 308, 301) });
}

/** What the first annotation that is not as it must be does to all: the others are not looked at any more. */
function firstWrong(reader: AnnotationReader, some: readonly (typeof annotations)[keyof typeof annotations][]): FamilyReading<never> | undefined {
  for (const annotation of some) {
    const found = reader.find<unknown>(annotation);
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    if (found.type === 'unreadable') return { type: 'nothing', mistake: found.mistake };
  }
  return undefined;
}

/** One out of range counts as none. */
function statusOf(written: number | undefined, highest: number, usual: number): number {
  return written !== undefined && written >= 300 && written <= highest ? written : usual;
}
