import { Agent, request } from 'node:http';

export interface LoadOptions {
  readonly port: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests a second. */
  readonly rate: number;
  /** How long; undefined: until `stop()`. */
  readonly seconds?: number;
  /** Kept-alive connections at the most. */
  readonly connections?: number;
  /** Every second request is a POST with a body. */
  readonly halfPost?: boolean;
  /** What an answer counts as, in `by`; the first 64 answers that differ are counted. By default the body. */
  readonly classify?: (body: string) => string;
}

export interface LoadResult {
  readonly sent: number;
  /** Answers other than 200, and requests without an answer. */
  readonly failed: number;
  /** Good answers, by what they count as. */
  readonly by: Readonly<Record<string, number>>;
  /** The first failures in words. */
  readonly failures: readonly string[];
}

/** Load that runs; `await using` ends it also where the test fails. */
export interface Load extends AsyncDisposable {
  /** The counts until now. */
  now(): LoadResult;
  /** Sends no more and waits for the answers that are due. */
  stop(): Promise<LoadResult>;
  /** Settles when `seconds` are over and all answers are there. */
  readonly done: Promise<LoadResult>;
}

const tickMs = 5;
const differentAnswers = 64;
const failuresInWords = 5;
const answerWithinMs = 10_000;

/**
 * Sends requests at a steady rate whatever the answers do, HTTP/1.1 on kept-alive connections to 127.0.0.1.
 * Nothing is tried again: a failure that a client sees is counted.
 */
export function startLoad(options: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections ?? 16 });
  const by: Record<string, number> = {};
  const failures: string[] = [];
  let sent = 0;
  let failed = 0;
  let finished = 0;
  const started = performance.now();
  const { promise: done, resolve } = Promise.withResolvers<LoadResult>();
  let isOver = false;

  const now = (): LoadResult => ({ sent, failed, by: { ...by }, failures: [...failures] });

  function endIfAllAnswered(): void {
    if (!isOver || finished < sent) return;
    agent.destroy();
    resolve(now());
  }

  function fail(words: string): void {
    failed++;
    if (failures.length < failuresInWords) failures.push(words);
  }

  function send(): void {
    const isPost = options.halfPost === true && sent % 2 === 1;
    sent++;
    let isFinished = false;
    const finish = (record: () => void): void => {
      if (isFinished) return;
      isFinished = true;
      record();
      finished++;
      endIfAllAnswered();
    };
    const call = request({
      agent,
      host: '127.0.0.1',
      port: options.port,
      path: options.path ?? '/',
      method: isPost ? 'POST' : 'GET',
      headers: { ...options.headers },
      timeout: answerWithinMs,
    });
    call.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', (error) => finish(() => fail(`cut off: ${error.message}`)));
      response.on('end', () =>
        finish(() => {
          if (response.statusCode !== 200) return fail(`${response.statusCode} ${body.slice(0, 100)}`);
          const key = options.classify?.(body) ?? body;
          if (key in by || Object.keys(by).length < differentAnswers) by[key] = (by[key] ?? 0) + 1;
        }),
      );
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${answerWithinMs} ms`)));
    call.on('error', (error) => finish(() => fail(error.message)));
    call.end(isPost ? 'a body' : undefined);
  }

  const ticking = setInterval(() => {
    const elapsed = (performance.now() - started) / 1000;
    const due = Math.floor(options.rate * Math.min(elapsed, options.seconds ?? elapsed));
    while (sent < due) send();
    if (options.seconds !== undefined && elapsed >= options.seconds) end();
  }, tickMs);

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearInterval(ticking);
    endIfAllAnswered();
  }

  return {
    now,
    done,
    stop() {
      end();
      return done;
    },
    async [Symbol.asyncDispose]() {
      end();
      await done;
    },
  };
}

/** Load for a fixed time. */
export function load(options: LoadOptions & { readonly seconds: number }): Promise<LoadResult> {
  return startLoad(options).done;
}
