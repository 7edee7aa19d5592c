import { type Agent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The certificate of the server; undefined for plain HTTP. */
  readonly certificate?: DetailedPeerCertificate;
}

export interface Ask {
  readonly method?: string;
  /** `host` names the virtual host; it is the SNI too unless `serverName` is another. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly serverName?: string;
  readonly timeoutMs?: number;
  /** Keeps connections. Undefined: each request has one of its own. */
  readonly agent?: Agent;
}

/** One request on a connection of its own to 127.0.0.1. Rejects where the connection fails or takes more than 20 s. */
export function http(port: number, path: string, ask: Ask = {}): Promise<Answer> {
  return send(httpRequest, { port, path }, ask);
}

/** The same by TLS, whoever signed the certificate. */
export function https(port: number, path: string, ask: Ask = {}): Promise<Answer> {
  const servername = ask.serverName ?? ask.headers?.['host'] ?? 'localhost';
  return send(httpsRequest, { port, path, rejectUnauthorized: false, servername } as RequestOptions, ask);
}

function send(request: typeof httpRequest, target: RequestOptions, ask: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timeoutMs = ask.timeoutMs ?? 20_000;
    const options = { host: '127.0.0.1', agent: ask.agent ?? (false as const), method: ask.method ?? 'GET', headers: { ...ask.headers }, ...target };
    const call = request(options, async (response) => {
      try {
        // A connection that is kept is another's once all of the answer is there.
        const socket = response.socket as Partial<TLSSocket>;
        let body = '';
        for await (const chunk of response.setEncoding('utf8')) body += chunk;
        const certificate = socket.getPeerCertificate?.(true);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, ...(certificate ? { certificate } : {}) });
      } catch (error) {
        reject(error);
      }
    });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', reject);
    call.end(ask.body);
  });
}
