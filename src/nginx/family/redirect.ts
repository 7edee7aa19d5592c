import { type Family, notRead } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

const annotations = {
  fromToWwwRedirect: {
    name: 'from-to-www-redirect',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Own virtual host, redirect 308 with `port_redirect`.',
  },
  permanentRedirect: {
    name: 'permanent-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'Redirect 301; query dropped; nginx variables only if $request_uri/$host/$scheme.',
  },
  permanentRedirectCode: {
    name: 'permanent-redirect-code',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: '301,302,303,307,308; others direct_response + Location.',
  },
  temporalRedirect: {
    name: 'temporal-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'Redirect 302, wins over permanent.',
  },
  temporalRedirectCode: {
    name: 'temporal-redirect-code',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Up to 307.',
  },
  relativeRedirects: {
    name: 'relative-redirects',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Direct_response with relative Location.',
  },
} as const satisfies Family['annotations'];

export const redirect: Family = { name: 'redirect', annotations, read: notRead };
