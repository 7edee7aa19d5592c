import { type Agent, Agent as HttpAgent, type RequestOptions as HttpOptions, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import { AnswerTooLongError, apiError, ClusterAccessError } from './api-error.ts';
import { type ClusterChoice, loadKubeConfig } from './kube-config.ts';
import { proxyOf } from './proxy.ts';

/** What is asked of the API server. */
interface ApiRequest {
  /** Undefined: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. Undefined: nothing is sent. */
  readonly body?: unknown;
  /** What the body is; for PATCH how it is to be applied: `application/apply-patch+yaml`. Undefined: `application/json`. */
  readonly contentType?: string;
  /** What the answer is to be; undefined: `application/json`. */
  readonly accept?: string;
  /** How long the whole answer may take, or for a stream its beginning. Undefined: 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The way to one API server. */
export interface ClusterClient {
  /** As people know it: `https://10.0.0.1:6443`. */
  readonly server: string;
  /** The namespace of the context, or of the pod; `default` where neither says. */
  readonly namespace: string;
  /**
   * The answer, parsed; undefined where it has no body.
   * @throws {ApiError} for a status that is none of success, {AnswerTooLongError} for more than 32 MiB, or where it begins in time
   * and does not end so. Other errors are those of the connection.
   */
  ask(request: ApiRequest): Promise<unknown>;
  /**
   * An answer that goes on; who stops reading it closes the connection.
   * @throws {ApiError} as `ask`, before the stream begins.
   */
  stream(request: ApiRequest): Promise<AsyncIterable<Buffer>>;
  /** Ends the connections that are kept for the next request. */
  close(): void;
}

type TlsOptions = Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;

/** How requests are sent until credentials are read again. */
interface Access {
  readonly config: KubeConfig;
  readonly server: string;
  /** Undefined: there is none on the way. */
  readonly proxy: URL | undefined;
  /** By the certificates of TLS, which a plug-in may renew. */
  readonly agents: Map<string, Agent>;
}

const usualTimeoutMs = 30_000;
/** After this long without a word the kernel asks whether the other side is still there. */
const keepAliveMs = 15_000;
/** Longest answer that is read as a whole, so that no list takes all memory: one of the largest objects stays below. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** Errors of a network. After any other one, such as a certificate that ran out, credentials are read again. */
const networkErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ABORT_ERR']);

/**
 * Tokens and certificates are those of the kubeconfig, its plug-ins, or the account of the pod. They are read again when the
 * server refuses them, and a request that was refused for that is sent once more.
 * @throws {ClusterAccessError} where no cluster is meant, or what names it cannot be read.
 */
export function createClusterClient(choice: ClusterChoice, clock: Clock): ClusterClient {
  let access = open();

  function open(): Access {
    const config = loadKubeConfig(choice);
    const cluster = config.getCurrentCluster();
    const server = cluster?.server.replace(/\/$/, '') ?? '';
    const url = URL.parse(server);
    if (!url) throw new ClusterAccessError(`the server ${JSON.stringify(server)} of the cluster is no URL`);
    return { config, server, proxy: proxyOf(url, cluster?.proxyUrl, process.env), agents: new Map() };
  }

  /** @param used by the request that failed: where others failed by it before, it is renewed already. */
  function renew(used: Access): void {
    if (access !== used) return;
    for (const agent of used.agents.values()) {
      // Requests that run go on; only what waits for the next one is closed.
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    }
    access = open();
  }

  async function send(asked: ApiRequest, deadline: Deadline, isAgain = false): Promise<IncomingMessage> {
    const used = access;
    let response: IncomingMessage;
    try {
      response = await respond(used, asked, deadline.signal);
    } catch (error) {
      if (!networkErrors.has((error as NodeJS.ErrnoException).code ?? 'ABORT_ERR')) renewIfReadable(used);
      throw deadline.reason() ?? error;
    }
    const { statusCode = 0, headers } = response;
    if (statusCode < 400) return response;
    const body = await textOf(response).catch(() => '');
    if (statusCode !== 401) throw apiError(statusCode, body, headers['retry-after']);
    renew(used);
    if (isAgain) throw apiError(statusCode, body, undefined);
    return send(asked, deadline, true);
  }

  /** What failed says more than a file that cannot be read in this moment. */
  function renewIfReadable(used: Access): void {
    try {
      renew(used);
    } catch {
      // The next request tries again.
    }
  }

  return {
    get server() {
      return access.server;
    },
    get namespace() {
      return access.config.getContextObject(access.config.getCurrentContext())?.namespace ?? 'default';
    },
    async ask(asked) {
      using deadline = deadlineOf(asked, clock);
      const response = await send(asked, deadline);
      const text = await textOf(response).catch((error: unknown) => {
        const reason = deadline.reason();
        throw reason ? new AnswerTooLongError(`${reason.message}, only the beginning of one`) : error;
      });
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    async stream(asked) {
      const deadline = deadlineOf(asked, clock);
      try {
        return await send(asked, deadline);
      } finally {
        deadline.lift();
      }
    },
    close() {
      for (const agent of access.agents.values()) agent.destroy();
    },
  };
}

/** Ends a request that takes too long. */
interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Why it ended the request; undefined: it did not. */
  reason(): Error | undefined;
  /** It is in time; from now on only the signal of the caller ends it. */
  lift(): void;
}

function deadlineOf({ method = 'GET', path, timeoutMs = usualTimeoutMs, signal }: ApiRequest, clock: Clock): Deadline {
  const own = new AbortController();
  let reason: Error | undefined;
  const cancel = clock.after(timeoutMs, () => {
    reason = new Error(`no answer to ${method} ${path} within ${timeoutMs / 1000} s`);
    own.abort(reason);
  });
  return { signal: signal ? AbortSignal.any([own.signal, signal]) : own.signal, reason: () => reason, lift: cancel, [Symbol.dispose]: cancel };
}

async function respond(access: Access, asked: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = asked;
  const url = new URL(`${access.server}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  // Credentials of the user: what a plug-in gives, the token that a file holds now.
  const options: HttpOptions & TlsOptions = { headers: {} };
  await access.config.applyToHTTPSOptions(options);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    ...(options.headers as Record<string, string>),
    accept,
    'user-agent': 'sluice',
    ...(payload && { 'content-type': contentType, 'content-length': payload.length }),
  };
  const isPlain = url.protocol === 'http:';
  // SOCKS is what the agent of the library knows, and Node does not.
  const agent = access.proxy?.protocol.startsWith('socks') && options.agent ? options.agent : agentOf(access, isPlain, options);
  return new Promise((resolve, reject) => {
    const send = isPlain ? httpRequest : httpsRequest;
    const request = send(url, { method, headers, signal, agent, ...(options.auth == null ? {} : { auth: options.auth }) }, resolve);
    request.on('error', reject);
    request.end(payload);
  });
}

/** An agent that keeps connections, which that of the library does not. */
function agentOf({ agents, proxy }: Access, isPlain: boolean, { ca, cert, key, servername, rejectUnauthorized }: TlsOptions): Agent {
  const id = [ca, cert, key].map((part) => String(part ?? '')).join('\n');
  const known = agents.get(id);
  if (known) return known;
  const tls = { ca, cert, key, servername, rejectUnauthorized };
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const proxyEnv = proxy && { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href };
  const agent = new (isPlain ? HttpAgent : HttpsAgent)({ ...given, keepAlive: true, keepAliveMsecs: keepAliveMs, ...(proxyEnv && { proxyEnv }) });
  agents.set(id, agent);
  return agent;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new AnswerTooLongError(`the answer has more than ${maxAnswerBytes / 1024 / 1024} MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
