import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Reply } from '../migrate/verify/compare.ts';
import type { Probe } from '../migrate/verify/probe.ts';

/** Bodies are hashed so far. */
const mostBytes = 1024 * 1024;

/** What all requests have in common. */
export interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to a gateway, whatever name that is known by: Host and SNI are those of the request. Each has a connection of its own,
 * and any certificate is taken: what is compared is behaviour. Never rejects.
 */
export function sendProbe({ host, method, path, headers }: Probe, gateway: URL, { timeoutMs, signal, headers: more }: Sending): Promise<Reply> {
  const name = host.replace(/:\d+$/, '');
  const options = {
    host: gateway.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: gateway.port || undefined,
    method,
    path,
    headers: { host, ...more, ...headers },
    setHost: false,
    agent: false,
    signal,
    ...(gateway.protocol === 'https:' ? { rejectUnauthorized: false, ...(isIP(name) === 0 ? { servername: name } : {}) } : {}),
  };
  return new Promise((resolve) => {
    const request = gateway.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
    const fail = (error: Error): void => resolve({ failure: 'code' in error ? String(error.code) : error.message });
    const timer = setTimeout(() => request.destroy(new Error(`none within ${timeoutMs} ms`)), timeoutMs);
    request.on('response', (response) => replyOf(response).then(resolve, fail));
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: linesOf(response), hash: '' });
    });
    request.on('error', fail);
    request.on('close', () => clearTimeout(timer));
    request.end();
  });
}

async function replyOf(response: IncomingMessage): Promise<Reply> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(0, mostBytes - bytes));
    bytes += chunk.length;
    if (bytes >= mostBytes) break;
  }
  return { status: response.statusCode ?? 0, headers: linesOf(response), hash: `body ${hash.digest('hex').slice(0, 12)}` };
}

function linesOf({ headersDistinct }: IncomingMessage): Readonly<Record<string, readonly string[]>> {
  return headersDistinct as Readonly<Record<string, readonly string[]>>;
}
