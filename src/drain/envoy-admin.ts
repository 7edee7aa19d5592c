import { type ClientRequestArgs, request } from 'node:http';
import { isLoopback } from '../address.ts';
import { askedOut, type OutNow } from '../ejection/out-page.ts';
import { type OpenWork, openWork, openWorkPath } from './open-work.ts';

/** The admin page of one Envoy. Every call rejects with `EnvoyAdminError` only. */
export interface EnvoyAdmin {
  /** Where it is, for people. */
  readonly address: string;
  /** Which Envoy answers there. */
  identity(): Promise<EnvoyIdentity>;
  /** How long this process has run, in milliseconds, to the second below. */
  uptimeMs(): Promise<number>;
  openWork(): Promise<OpenWork>;
  /** Which endpoints it leaves out now. */
  out(): Promise<OutNow>;
  /** Makes health checks fail, `/ready` of the admin page too; answers ask clients to close their connections from then on. */
  failHealthChecks(): Promise<void>;
  /** Refuses new connections from now on; those that are open are served. @param isSidecar calls of the application go on. */
  refuseConnections(isSidecar: boolean): Promise<void>;
  /** Ends Envoy with everything that is open. */
  quit(): Promise<void>;
}

/** `node.id` and `node.cluster`. */
export interface EnvoyIdentity {
  readonly node: string;
  readonly group: string;
}

/** Why an admin page could not be asked. */
export class EnvoyAdminError extends Error {
  override readonly name = 'EnvoyAdminError' as const;
  /** `gone`: nobody listens there. `silent`: no answer in time. `strange`: an answer that is none of Envoy's. */
  readonly reason: 'gone' | 'silent' | 'strange';

  constructor(reason: 'gone' | 'silent' | 'strange', message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

/** An Envoy that is alive answers its admin page at once, unless its main thread is held up. */
const answerWithinMs = 2000;
const mostBytes = 16 * 1024 * 1024;

/** Reads where an admin page is: `http://127.0.0.1:9901`, `127.0.0.1:9901`, or `unix:/run/envoy.sock`. Undefined where it is none of this machine. */
export function adminTarget(text: string): ClientRequestArgs | undefined {
  if (text.startsWith('unix:/')) return { socketPath: text.slice('unix:'.length) };
  const url = URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  return url?.protocol === 'http:' && url.pathname === '/' && isLoopback(host) ? { host, port: url.port || 80 } : undefined;
}

/** The admin page at a target that `adminTarget` read from a text. */
export function createEnvoyAdmin(target: ClientRequestArgs, address: string): EnvoyAdmin {
  async function ask(method: 'GET' | 'POST', path: string): Promise<string> {
    const { status, body } = await answerOf({ ...target, method, path, agent: false });
    if (status === 200) return body;
    throw new EnvoyAdminError('strange', `the admin page at ${address} answers ${method} ${path} with ${status}`);
  }
  async function read<T>(path: string, of: (answer: unknown) => T): Promise<T> {
    const text = await ask('GET', path);
    try {
      return of(JSON.parse(text));
    } catch (error) {
      throw new EnvoyAdminError('strange', `what answers at ${address} is no admin page of Envoy`, error);
    }
  }
  function answerOf(options: ClientRequestArgs): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(failure(error, address));
      const call = request({ ...options, signal: AbortSignal.timeout(answerWithinMs) }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('error', fail);
        response.on('data', (text: string) => {
          body += text;
          if (body.length > mostBytes) call.destroy(new Error(`more than ${mostBytes} bytes`));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      call.on('error', fail).end();
    });
  }

  return {
    address,
    identity: () =>
      read('/server_info', (answer) => {
        const { node } = answer as { readonly node: { readonly id?: string; readonly cluster?: string } };
        return { node: node.id ?? '', group: node.cluster ?? '' };
      }),
    uptimeMs: () =>
      read('/server_info', (answer) => {
        const seconds = Number.parseInt((answer as { readonly uptime_current_epoch: string }).uptime_current_epoch, 10);
        if (Number.isNaN(seconds)) throw new Error('the answer has no uptime');
        return seconds * 1000;
      }),
    openWork: () => read(openWorkPath, openWork),
    out: () => askedOut((path) => read(path, (answer) => answer)),
    failHealthChecks: async () => void (await ask('POST', '/healthcheck/fail')),
    refuseConnections: async (isSidecar) => void (await ask('POST', isSidecar ? '/drain_listeners?inboundonly' : '/drain_listeners')),
    quit: async () => void (await ask('POST', '/quitquitquit')),
  };
}

/** Nobody listens: refused, no such socket, or cut while Envoy ended. */
const codesOfGone = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'];

function failure(error: NodeJS.ErrnoException, address: string): EnvoyAdminError {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return new EnvoyAdminError('silent', `the admin page at ${address} does not answer within ${answerWithinMs / 1000} s`, error);
  }
  if (codesOfGone.includes(error.code ?? '')) return new EnvoyAdminError('gone', `no Envoy listens at ${address}`, error);
  return new EnvoyAdminError('strange', `the admin page at ${address} cannot be asked: ${error.message}`, error);
}
