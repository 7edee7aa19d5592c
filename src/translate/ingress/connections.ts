import type { ClientLimits } from '../../ir/gateway.ts';
import type { Controller } from '../../nginx/controller.ts';
import type { BackendWishes } from '../backend.ts';

/**
 * What the ConfigMap says of connections of clients, as far as it is written: what ingress-nginx does without a word is not better for an
 * Envoy behind a load balancer than what Sluice does. Undefined: nothing.
 */
export function clientLimitsOf({ value, written }: Controller): ClientLimits | undefined {
  const isWritten = (key: string): boolean => written[key] !== undefined;
  const idleSeconds = value('keep-alive');
  // Without keep-alive nginx closes a connection with its first answer.
  const maxRequests = idleSeconds === 0 ? 1 : Math.max(1, value('keep-alive-requests'));
  const headersSeconds = value('client-header-timeout');
  const maxHeadersKib = isWritten('large-client-header-buffers') ? kibOf(value('large-client-header-buffers')) : undefined;
  const limits: ClientLimits = {
    ...(isWritten('keep-alive') && idleSeconds > 0 && { idleMs: idleSeconds * 1000 }),
    ...((isWritten('keep-alive-requests') || idleSeconds === 0) && { maxRequests }),
    ...(isWritten('client-header-timeout') && headersSeconds > 0 && { headersMs: headersSeconds * 1000 }),
    ...(isWritten('http2-max-concurrent-streams') && { maxStreams: Math.max(1, value('http2-max-concurrent-streams')) }),
    ...(maxHeadersKib !== undefined && { maxHeadersKib }),
  };
  return Object.keys(limits).length > 0 ? limits : undefined;
}

/** `4 8k`: all buffers together. Undefined: it is none of these. */
function kibOf(text: string): number | undefined {
  const [, count, size, unit = ''] = /^(\d{1,6})\s+(\d{1,9})([kmKM]?)$/.exec(text.trim()) ?? [];
  const factor = { '': 1 / 1024, k: 1, m: 1024 }[unit.toLowerCase()];
  if (count === undefined || factor === undefined) return undefined;
  return Math.min(8192, Math.max(1, Math.ceil(Number(count) * Number(size) * factor)));
}

/** What the ConfigMap says of connections to backends, as far as it is written. */
export function keepaliveWishes({ value, written }: Controller): Pick<BackendWishes, 'idleTimeoutMs' | 'maxRequestsPerConnection' | 'maxConnectionMs'> {
  const isWritten = (key: string): boolean => written[key] !== undefined;
  const requests = value('upstream-keepalive-connections') <= 0 ? 1 : value('upstream-keepalive-requests');
  const maxConnectionMs = value('upstream-keepalive-time');
  const idleSeconds = value('upstream-keepalive-timeout');
  return {
    ...((isWritten('upstream-keepalive-requests') || requests === 1) && requests > 0 && { maxRequestsPerConnection: requests }),
    ...(isWritten('upstream-keepalive-time') && maxConnectionMs > 0 && { maxConnectionMs }),
    ...(isWritten('upstream-keepalive-timeout') && idleSeconds > 0 && { idleTimeoutMs: idleSeconds * 1000 }),
  };
}
