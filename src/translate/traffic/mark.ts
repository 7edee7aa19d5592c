import { durationMs } from '../../kind/gateway/duration.ts';

/** What a client brings back, so that it is known again. */
export type Mark =
  /** `ttlMs` undefined: until the browser is closed. */
  | { readonly type: 'cookie'; readonly name: string; readonly ttlMs?: number }
  /** Name in lower case. */
  | { readonly type: 'header'; readonly name: string };

interface WrittenMark {
  readonly cookie?: { readonly name: string; readonly ttl?: string | undefined } | undefined;
  readonly header?: string | undefined;
}

/** The cookie or the header that a policy names; undefined: neither. */
export function markOf({ cookie, header }: WrittenMark): Mark | undefined {
  if (cookie) return { type: 'cookie', name: cookie.name, ...(cookie.ttl === undefined ? {} : { ttlMs: durationMs(cookie.ttl) }) };
  return header === undefined ? undefined : { type: 'header', name: header.toLowerCase() };
}
