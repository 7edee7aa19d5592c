import type { TcpKeepalive } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultConnectTimeoutMs, defaultIdleTimeoutMs, defaultTcpKeepalive } from '../defaults.ts';
import type { PolicyContext } from './policy.ts';

/** Times of connections to endpoints. */
export function timeoutsOf({ policy }: PolicyContext, protocol: 'http1' | 'http2'): { readonly connectTimeoutMs: number; readonly idleTimeoutMs: number } {
  const { connect, idle } = policy.spec.timeouts ?? {};
  return {
    connectTimeoutMs: connect === undefined ? defaultConnectTimeoutMs : durationMs(connect),
    idleTimeoutMs: idle === undefined ? defaultIdleTimeoutMs[protocol] : durationMs(idle),
  };
}

/** Probes that find connections whose other end is gone. Undefined: off, as for HTTP/1.1 unless they are written. */
export function tcpKeepaliveOf({ policy }: PolicyContext, protocol: 'http1' | 'http2'): TcpKeepalive | undefined {
  const written = policy.spec.tcpKeepalive;
  if (!written) return protocol === 'http2' ? defaultTcpKeepalive : undefined;
  return {
    timeMs: written.time === undefined ? defaultTcpKeepalive.timeMs : durationMs(written.time),
    intervalMs: written.interval === undefined ? defaultTcpKeepalive.intervalMs : durationMs(written.interval),
    probes: written.probes ?? defaultTcpKeepalive.probes,
  };
}
