import type { Retry, RouteTimeouts } from '../../ir/route.ts';
import type { ProxyConfig } from '../../nginx/family/proxy.ts';
import type { UpstreamFailure } from '../../nginx/form.ts';
import { defaultRetry } from '../defaults.ts';
import { onStatusCodes } from '../traffic/retries.ts';

/** For nginx 0 is any number. */
const mostTries = 10;

/** Failures of which the backend has seen nothing: any request may be sent again. */
const beforeBackend = ['connect-failure', 'refused-stream', 'reset-before-request'];

/**
 * How long a location waits for its backend, and what it tries again, as nginx does: `proxy_read_timeout` is the silence of a backend in one try,
 * whatever the whole takes. Where a time-out is no reason for another try, the silence of the stream ends it instead, which Envoy never tries again;
 * so it does after the silent tries that begin within `proxy_next_upstream_timeout`, where these are not all.
 * @param bodyIdleMs how long the body of a request may stall; what Envoy waits for the tries of a backend is no shorter, as it has one clock for both.
 * @param isIdempotentOnly whether requests that must not be sent twice are tried again only where the backend has seen nothing of them.
 */
export function proxyTimes(
  { readTimeoutMs, sendTimeoutMs, nextUpstream, nextUpstreamTimeoutMs, tries }: ProxyConfig,
  isIdempotentOnly: boolean,
  bodyIdleMs: number,
): { timeouts: RouteTimeouts; retry: Retry } {
  const words = nextUpstream.includes('off') ? [] : nextUpstream;
  const isTriedAgain = (word: UpstreamFailure): boolean => words.includes(word);
  const count = words.length === 0 ? 0 : Math.max(1, tries === 0 ? mostTries : tries) - 1;
  const statusCodes = words.flatMap((word) => (word.startsWith('http_') ? [Number(word.slice('http_'.length))] : []));
  const triesTimeouts = isTriedAgain('timeout');
  const breaks = isTriedAgain('error') || triesTimeouts || isTriedAgain('invalid_header');
  const again = [...(breaks ? ['reset'] : []), ...(statusCodes.length > 0 ? [onStatusCodes] : [])];
  const inTime = nextUpstreamTimeoutMs > 0 && readTimeoutMs > 0 ? Math.ceil(nextUpstreamTimeoutMs / readTimeoutMs) : count + 1;
  const silentTries = triesTimeouts ? inTime : 1;
  const endsBySilence = count > 0 && breaks && silentTries <= count;
  const whole = Math.max(readTimeoutMs * (count + 1), sendTimeoutMs);
  return {
    // A try that is given up is a reset, which `error` has tried again.
    timeouts: {
      requestMs: 0,
      ...(endsBySilence
        ? { ...(silentTries > 1 && { perTryIdleMs: readTimeoutMs }), streamIdleMs: readTimeoutMs * silentTries }
        : { perTryIdleMs: readTimeoutMs, streamIdleMs: Math.max(whole + marginMs, bodyIdleMs) }),
    },
    retry: {
      ...defaultRetry,
      on: [...(isTriedAgain('error') || triesTimeouts ? beforeBackend : []), ...(isIdempotentOnly && !isTriedAgain('non_idempotent') ? [] : again)],
      onIdempotent: isIdempotentOnly && !isTriedAgain('non_idempotent') ? again : [],
      statusCodes,
      count,
    },
  };
}

/** The tries with the pauses between them end before the stream does. */
const marginMs = 5000;
