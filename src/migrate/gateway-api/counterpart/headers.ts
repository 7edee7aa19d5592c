import { preciseHostname } from '../../../kind/gateway/names.ts';
import { customHeaders } from '../../../nginx/family/custom-headers.ts';
import { forwardedPrefix } from '../../../nginx/family/forwarded-prefix.ts';
import { upstreamVhost } from '../../../nginx/family/upstream-vhost.ts';
import type { IngressReading } from '../../../nginx/ingress-reading.ts';
import type { TextWithVariables } from '../../../nginx/text-with-variables.ts';
import type { Counterpart } from './counterpart.ts';

/** What backends and clients are told besides: URLRewrite and modifiers of headers. */
export const headers: Counterpart = {
  names: ['custom-headers', 'hsts', 'hsts-include-subdomains', 'hsts-max-age', 'hsts-preload', 'upstream-vhost', 'x-forwarded-prefix'],
  obstacle({ reading }) {
    for (const [name, family] of [
      ['upstream-vhost', upstreamVhost],
      ['x-forwarded-prefix', forwardedPrefix],
    ] as const) {
      const written = reading.of<TextWithVariables | 'withoutValue'>(family);
      if (written === 'withoutValue' || written?.some((part) => typeof part !== 'string')) return `${name} holds variables`;
    }
    const hostname = hostnameOf(reading);
    return hostname === undefined || preciseHostname.safeParse(hostname).success ? undefined : 'upstream-vhost is no plain host name';
  },
};

/** Headers that answers have. */
export function headersOfAnswers(reading: IngressReading): readonly { readonly name: string; readonly value: string }[] {
  return reading.of(customHeaders)?.headers ?? [];
}

/** The host name that the backend is asked for. Undefined: that of the request. */
export function hostnameOf(reading: IngressReading): string | undefined {
  return textOf(reading.of(upstreamVhost));
}

/** What the backend is told of the path that was there before a rewrite. Undefined: nothing. */
export function forwardedPrefixOf(reading: IngressReading): string | undefined {
  return textOf(reading.of(forwardedPrefix));
}

/** Without variables, which are an obstacle. */
function textOf(written: TextWithVariables | 'withoutValue' | undefined): string | undefined {
  return written === undefined || written === 'withoutValue' ? undefined : written.join('');
}
