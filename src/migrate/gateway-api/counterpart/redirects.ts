import { redirect } from '../../../nginx/family/redirect.ts';
import { rewrite } from '../../../nginx/family/rewrite.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** Redirects of a path, of the root, and to HTTPS: filters of the type RequestRedirect. */
export const redirects: Counterpart = {
  names: [
    'app-root',
    'force-ssl-redirect',
    'permanent-redirect',
    'permanent-redirect-code',
    'preserve-trailing-slash',
    'ssl-redirect',
    'temporal-redirect',
    'temporal-redirect-code',
  ],
  obstacle({ reading }) {
    const { to } = reading.of(redirect) ?? {};
    if (to && !(isPlainUrl(to.url) && statuses.has(to.status))) return 'its redirect has no counterpart';
    return reading.of(rewrite)?.appRoot?.includes('$') ? 'app-root holds variables' : undefined;
  },
  told({ reading }) {
    const { to } = reading.of(redirect) ?? {};
    const isRedirected = to !== undefined || reading.of(rewrite)?.appRoot !== undefined;
    return [
      ...(isRedirected ? ['the query of a request is kept by the redirect'] : []),
      ...(to && !/^https?:\/\/[^/]+\//.test(to.url) ? [`the redirect is to ${to.url}/`] : []),
    ];
  },
};

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What a RequestRedirect can say. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return !!url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
}

/** A filter that sends clients to a URL. */
export function redirectTo(text: string, statusCode: number): Written {
  const { protocol, hostname, port, pathname } = new URL(text);
  const path = { type: 'ReplaceFullPath', replaceFullPath: pathname };
  return {
    type: 'RequestRedirect',
    requestRedirect: { scheme: protocol.slice(0, -1), hostname, ...(port === '' ? {} : { port: Number(port) }), path, statusCode },
  };
}
