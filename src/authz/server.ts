import { createSecretKey } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseAddress } from '../address.ts';
import { BoundedMap } from '../memo/bounded-map.ts';
import { createSealing } from '../sealing.ts';
import { createCheckers } from './checkers.ts';
import { createPasswords } from './passwords.ts';
import { createVerdicts, type Verdict } from './verdicts.ts';

export interface AuthzOptions {
  /** `HOST:PORT`, or `unix:PATH`. */
  readonly listen: string;
  /** The 32 bytes that the control plane seals with. */
  readonly key: Buffer;
  /** Told to whoever asks for its health. */
  readonly version: string;
}

export interface AuthzServer {
  /** The bound one. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Headers of a kept answer travel with this in front. */
const keptPrefix = 'x-kept-';
const mostBytes = 4 * 1024 * 1024;
const mostOpened = 200;
const longestMs = 365 * 24 * 3600 * 1000;

/**
 * The auth service, which Envoys ask. What it needs to know comes with each question, sealed by the control plane: it has no state to be told,
 * and works whether the control plane does or not.
 *
 * - `POST /password`, a file of htpasswd sealed as the body, `Authorization` of the client: 200 or 401; 503 where nobody can say now.
 * - `POST /verdict`, what the answers belong to sealed as the body, `x-key`: 200 with the headers that were kept, or 404.
 * - `PUT /verdict`, with these headers and `x-keep-ms`: 204.
 *
 * - `GET /health`: 200 with the version and the process.
 *
 * What the control plane did not seal gets 400.
 * @throws {Error} where it cannot listen.
 */
export async function startAuthz({ listen, key, version }: AuthzOptions): Promise<AuthzServer> {
  const sealing = createSealing(createSecretKey(key));
  const checkers = createCheckers();
  const passwords = createPasswords(checkers);
  const verdicts = createVerdicts(() => performance.now());
  const opened = new BoundedMap<string>(mostOpened);

  function open(sealed: string): string | undefined {
    const text = opened.get(sealed) ?? sealing.open(sealed);
    if (text !== undefined) opened.set(sealed, text);
    return text;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health') {
      response.writeHead(200, { 'x-version': version, 'x-pid': process.pid }).end();
      return;
    }
    const sealed = await bodyOf(request);
    const [kind, text] = split(sealed === undefined ? undefined : open(sealed));
    const what = `${request.method} ${request.url} ${kind}`;
    const { authorization, 'x-key': written, 'x-keep-ms': keepMs } = request.headers;
    if (what === 'POST /password htpasswd') {
      const isKnown = await passwords.isKnown(text, authorization);
      response.writeHead(isKnown === undefined ? 503 : isKnown ? 200 : 401).end();
      return;
    }
    if (what === 'POST /verdict verdicts' && typeof written === 'string') {
      const found = verdicts.find(text, written);
      response.writeHead(found ? 200 : 404, found).end();
      return;
    }
    const forMs = Number(keepMs);
    if (what === 'PUT /verdict verdicts' && typeof written === 'string' && forMs > 0) {
      verdicts.keep(text, written, keptOf(request), Math.min(forMs, longestMs));
      response.writeHead(204).end();
      return;
    }
    response.writeHead(400).end();
  }

  const server = createServer({ keepAliveTimeout: 3_600_000, maxHeaderSize: 64 * 1024 }, (request, response) => {
    answer(request, response).catch(() => response.writeHead(503).end());
  });
  const address = await listening(server, listen);
  return {
    address,
    async stop() {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      server.closeAllConnections();
      await Promise.all([ended, checkers.stop()]);
    },
  };
}

/** Text that is sealed says what it is for in its first line: none can be taken for another. */
function split(text = ''): readonly [kind: string, text: string] {
  const end = text.indexOf('\n');
  return end < 0 ? ['', ''] : [text.slice(0, end), text.slice(end + 1)];
}

function keptOf(request: IncomingMessage): Verdict {
  const entries = Object.entries(request.headers).filter(([name]) => name.startsWith(keptPrefix));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('latin1');
}

/** A socket takes the place of the one before at once: there is always somebody to ask. */
async function listening(server: ReturnType<typeof createServer>, listen: string): Promise<string> {
  const path = listen.startsWith('unix:') ? listen.slice('unix:'.length) : undefined;
  const parsed = parseAddress(listen);
  if (path === undefined && !parsed) throw new Error(`${listen} is neither HOST:PORT nor unix:PATH`);
  const own = path === undefined ? undefined : `${path}.${process.pid}`;
  if (own !== undefined) rmSync(own, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (own !== undefined) server.listen(own, resolve);
    else server.listen(parsed?.port, parsed?.host, resolve);
  });
  if (own !== undefined && path !== undefined) {
    renameSync(own, path);
    return listen;
  }
  const bound = server.address();
  return typeof bound === 'object' && bound ? `${parsed?.host.includes(':') ? `[${parsed.host}]` : parsed?.host}:${bound.port}` : listen;
}
