import type { ApiErrorBody } from '../admin/api-error.ts';
import { CommandError } from './command-error.ts';

/** The API under `/api/v1/`, of a running server or of a folder. */
export interface ApiClient {
  /** @throws {CommandError} */
  get<Answer>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<Answer>;
  /** @throws {CommandError} */
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  /**
   * Follows the server: the event names of `/api/v1/stream` as they come, ends with the stream.
   * @throws {CommandError} where it cannot be followed.
   */
  follow(signal: AbortSignal): AsyncGenerator<string>;
}

/** Sends one request; `path` starts with `/api/v1/`. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** How long a running server may take to answer. */
const answerTimeoutMs = 15_000;
/** A stream says something every 15 s; one that is silent for longer has lost its server. */
const silenceMs = 40_000;

/** A client over whatever carries requests. */
export function createApiClient(send: Send): ApiClient {
  async function call<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const response = await send(`/api/v1/${path}`, init);
    const text = await response.text();
    const answer = jsonOf(text);
    if (response.ok && answer !== undefined) return answer as Answer;
    throw apiFailure(response.status, (answer as Partial<ApiErrorBody> | undefined)?.error);
  }
  async function* follow(signal: AbortSignal): AsyncGenerator<string> {
    const silence = new AbortController();
    const response = await send('/api/v1/stream', { signal: AbortSignal.any([signal, silence.signal]) });
    if (!response.ok || !response.body) {
      throw apiFailure(response.status, (jsonOf(await response.text()) as Partial<ApiErrorBody> | undefined)?.error);
    }
    const gone = (): void => silence.abort(new Error(`nothing was heard of it for ${silenceMs / 1000} s`));
    let timer = setTimeout(gone, silenceMs);
    let rest = '';
    try {
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        timer = setTimeout(gone, silenceMs);
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('event: ')) yield line.slice('event: '.length);
      }
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    follow,
    get(path, query = {}) {
      const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return call(given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`, {});
    },
    post: (path, body) => call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  };
}

/** Sends requests to a running server. @param token undefined: none is sent. */
export function sendTo(server: string, token: string | undefined): Send {
  const base = serverUrl(server);
  return async (path, init) => {
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    try {
      return await fetch(new URL(path, base), { ...init, headers, signal: init.signal ?? AbortSignal.timeout(answerTimeoutMs) });
    } catch (error) {
      if (causeOf(error) === blockedPort) {
        throw new CommandError(`no server can be asked at ${base.origin}: port ${base.port} is one that HTTP clients and browsers refuse`, {
          remedy: 'Say where the server is with --server URL; one that listens there needs another port in --admin-address.',
          cause: error,
        });
      }
      throw new CommandError(`no server answers at ${base.origin}: ${causeOf(error)}`, {
        remedy: 'Start one with `sluice serve -c DIR` or `sluice up DIR`, or say where it is with --server URL; `-c DIR` answers many questions without one.',
        cause: error,
      });
    }
  };
}

function serverUrl(text: string): URL {
  const url = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (URL.canParse(url)) return new URL(url);
  throw new CommandError(`--server ${JSON.stringify(text)} is no URL`, { remedy: 'Give the admin address of a server: http://127.0.0.1:18001.' });
}

/** What `fetch` says of a port at which other protocols are at home, such as 1, 22, 6000 or 10080. @see https://fetch.spec.whatwg.org/#port-blocking */
const blockedPort = 'bad port';

/** `fetch` wraps what happened in "fetch failed". */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `no answer in ${answerTimeoutMs / 1000} s`;
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}

function apiFailure(status: number, error: ApiErrorBody['error'] | undefined): CommandError {
  if (!error)
    return new CommandError(`the server answers ${status} and not as Sluice does`, { remedy: 'Check that --server names the admin address of Sluice.' });
  if (error.code === 'Unauthorized') return new CommandError(error.message, { remedy: 'Give the token of the server: --token TOKEN or SLUICE_TOKEN.' });
  return new CommandError(error.message, { status: error.code === 'NotFound' || error.code === 'Conflict' ? 1 : 2 });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something other than Sluice answers there; the caller says so.
    return undefined;
  }
}
