import type { Found } from '../annotation.ts';
import type { AnnotationReader, Family, FamilyReading } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

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
    doc: 'Where all requests are sent, with 301; path and query of the request are dropped.',
    difference: {
      holdsFor: (text) => text.includes('$'),
      example: 'GET /a, with `permanent-redirect: https://new.example$request_uri`, which passes only where validation is off',
      nginx: 'Puts the path in the place of the variable.',
      sluice: 'Writes the text as it is.',
      remedy: 'Use an HTTPRoute with a RequestRedirect, which keeps the path.',
    },
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
      example: 'GET / with `permanent-redirect-code: "304"`',
      nginx: 'Answers 304 with the URL as its text, of the type `application/octet-stream`.',
      sluice: 'Answers 304 with the URL as its text, of the type `text/plain`. 301, 302, 303, 307 and 308 are the same.',
      remedy: 'Use one of these five.',
    },
  },
  temporalRedirect: {
    name: 'temporal-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'Where all requests are sent, with 302. It wins over `permanent-redirect`.',
    difference: {
      holdsFor: (text) => text.includes('$'),
      example: 'GET /a, with `temporal-redirect: https://new.example$request_uri`, which passes only where validation is off',
      nginx: 'Puts the path in the place of the variable.',
      sluice: 'Writes the text as it is.',
      remedy: 'Use an HTTPRoute with a RequestRedirect, which keeps the path.',
    },
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
      example: 'GET / with `temporal-redirect-code: "304"`',
      nginx: 'Answers 304 with the URL as its text, of the type `application/octet-stream`.',
      sluice: 'Answers 304 with the URL as its text, of the type `text/plain`. 301, 302, 303 and 307 are the same.',
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
  const found = Object.values(annotations).map((annotation): Found<unknown> => reader.find<unknown>(annotation));
  const refused = found.find((one) => one.type === 'refused');
  if (refused) return { type: 'dropped', mistake: refused.mistake };
  const unreadable = found.find((one) => one.type === 'unreadable');
  if (unreadable) return { type: 'nothing', mistake: unreadable.mistake };
  const temporal = reader.value(annotations.temporalRedirect);
  const url = temporal ?? reader.value(annotations.permanentRedirect);
  const { name } = temporal === undefined ? annotations.permanentRedirect : annotations.temporalRedirect;
  if (url !== undefined && !url.startsWith('http')) {
    return { type: 'nothing', mistake: { annotation: name, message: `${JSON.stringify(url)} is not a URL of HTTP or HTTPS` } };
  }
  const permanentStatus = statusOf(reader.value(annotations.permanentRedirectCode), 308, 301);
  const status = temporal === undefined ? permanentStatus : statusOf(reader.value(annotations.temporalRedirectCode), 307, 302);
  return {
    type: 'config',
    config: {
      to: url === undefined ? undefined : { url, status },
      fromToWww: reader.value(annotations.fromToWwwRedirect) ?? false,
      isRelative: reader.value(annotations.relativeRedirects) ?? reader.controller.value('relative-redirects'),
    },
  };
}

/** One out of range counts as none. */
function statusOf(written: number | undefined, highest: number, usual: number): number {
  return written !== undefined && written >= 300 && written <= highest ? written : usual;
}
