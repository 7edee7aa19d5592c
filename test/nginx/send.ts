import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { type CaseRequest, clientAddress } from './case.ts';
import type { Certificates } from './certificates.ts';

/** Where the gateway is. */
export interface Gateway {
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; several lines with `, ` between. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: string;
  readonly seconds: number;
  /** Common name of the server's certificate. */
  readonly certificateName?: string | undefined;
  readonly grpcStatus?: number;
}

const patienceMs = 30_000;

/**
 * Sends one request on a connection of its own, its path and its headers as they are written.
 * @param cookies what a browser would hold, sent beside those of the request.
 * @throws {Error} where no answer comes within 30 s.
 */
export function send(ask: CaseRequest, gateway: Gateway, certificates: Certificates, cookies: Readonly<Record<string, string>> = {}): Promise<Answer> {
  if (ask.udp !== undefined) return sendDatagram(ask.udp, ask.send ?? '');
  if (ask.grpc) return call(ask, ask.grpc.method, gateway.httpsPort);
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = open(ask, gateway, certificates, cookies);
    request.setTimeout(patienceMs, () => request.destroy(new Error(`no answer within ${patienceMs} ms`)));
    request.on('response', async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve(answerOf(response, Buffer.concat(chunks).toString(), begun));
      } catch (error) {
        reject(error);
      }
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(answerOf(response, '', begun));
    });
    // An answer that comes before the whole body was sent ends the connection: then this changes nothing any more.
    request.on('error', reject);
    writeBody(request, ask).catch(reject);
  });
}

function open(ask: CaseRequest, gateway: Gateway, certificates: Certificates, cookies: Readonly<Record<string, string>>): ClientRequest {
  const isSecure = ask.scheme === 'https';
  const target = { host: '127.0.0.1', port: ask.port ?? (isSecure ? gateway.httpsPort : gateway.httpPort), localAddress: ask.from ?? clientAddress };
  const options: RequestOptions = {
    ...target,
    method: ask.method ?? 'GET',
    path: (ask.path ?? '/') + 'p'.repeat(ask.path_bytes ?? 0),
    headers: headersOf(ask, cookies),
    setHost: false,
    agent: false,
  };
  if (!isSecure) {
    const { proxy } = ask;
    if (proxy === undefined) return httpRequest(options);
    return httpRequest({
      ...options,
      // Any agent would make the connection itself.
      agent: undefined,
      createConnection() {
        const socket = connect(target);
        socket.write(`PROXY TCP4 ${proxy}\r\n`);
        return socket;
      },
    });
  }
  const client = ask.client_cert && certificates.client[ask.client_cert];
  const servername = ask.sni ?? ask.host?.replace(/:\d+$/, '') ?? '';
  return httpsRequest({ ...options, servername, rejectUnauthorized: false, ...(client ? { cert: client.certificate, key: client.key } : {}) });
}

function headersOf({ host, headers, header_bytes: headerBytes, cookies, ...ask }: CaseRequest, kept: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries({ ...kept, ...cookies }).map(([name, value]) => `${name}=${value}`);
  const length = ask.body?.length ?? ask.body_bytes ?? ask.slow_body?.bytes;
  return {
    ...(host === undefined || host === null ? {} : { host }),
    ...headers,
    ...(all.length > 0 ? { cookie: all.join('; ') } : {}),
    ...(headerBytes === undefined ? {} : { 'x-filler': 'h'.repeat(headerBytes) }),
    ...(ask.chunked ? { 'transfer-encoding': 'chunked' } : length === undefined ? {} : { 'content-length': String(length) }),
  };
}

async function writeBody(request: ClientRequest, { body, body_bytes: bytes = 0, slow_body: slow }: CaseRequest): Promise<void> {
  if (!slow) {
    request.end(body ?? (bytes > 0 ? 'b'.repeat(bytes) : undefined));
    return;
  }
  const parts = 4;
  for (let part = 0; part < parts; part++) {
    if (request.destroyed) return;
    request.write('s'.repeat(slow.bytes / parts));
    await sleep((slow.over_seconds * 1000) / parts);
  }
  request.end();
}

function answerOf(response: IncomingMessage, body: string, begun: number): Answer {
  const certificate = (response.socket as Partial<TLSSocket>).getPeerCertificate?.();
  const headers = Object.fromEntries(Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
  return {
    status: response.statusCode ?? 0,
    headers,
    setCookies: response.headersDistinct['set-cookie'] ?? [],
    body,
    seconds: (performance.now() - begun) / 1000,
    ...(certificate?.subject ? { certificateName: String(certificate.subject.CN) } : {}),
  };
}

/** Calls a method of gRPC with an empty message. */
async function call(ask: CaseRequest, method: string, port: number): Promise<Answer> {
  const begun = performance.now();
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: ask.host ?? '', rejectUnauthorized: false });
  try {
    // A session that fails tells its streams, and throws where nobody listens to itself.
    session.on('error', () => {});
    const stream = session.request({ ':method': 'POST', ':path': method, ':authority': ask.host ?? '', 'content-type': 'application/grpc', te: 'trailers' });
    stream.setTimeout(patienceMs, () => stream.destroy(new Error(`no answer within ${patienceMs} ms`)));
    let trailers: Readonly<Record<string, unknown>> = {};
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    stream.end(Buffer.alloc(5));
    const [headers] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
    for await (const _ of stream);
    const status = trailers['grpc-status'] ?? headers['grpc-status'];
    return {
      status: Number(headers[':status']),
      headers: {},
      setCookies: [],
      body: '',
      seconds: (performance.now() - begun) / 1000,
      ...(status === undefined ? {} : { grpcStatus: Number(status) }),
    };
  } finally {
    session.destroy();
  }
}

async function sendDatagram(port: number, text: string): Promise<Answer> {
  const begun = performance.now();
  const socket = createSocket('udp4');
  try {
    socket.send(text, port, '127.0.0.1');
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(patienceMs / 3) })) as [Buffer];
    return { status: 0, headers: {}, setCookies: [], body: message.toString(), seconds: (performance.now() - begun) / 1000 };
  } finally {
    socket.close();
  }
}
