import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import { ApiError } from '../api-error.ts';
import type { Changes } from '../changes.ts';

/** Who follows holds a connection and a buffer: enough for people and a few programs. */
const mostFollowers = 100;
/** What may wait for a reader; the state of a thousand Envoys is well below. */
const mostWaitingBytes = 4 * 1024 * 1024;
/** Comments that keep proxies and firewalls from closing a quiet connection. */
const heartbeatMs = 15_000;
/** How long one that is told why it ends may take to read it. */
const farewellMs = 2000;

/**
 * `GET /api/v1/stream`: server-sent events, see `ChangeEvents`.
 * @param changes undefined where nothing ever changes: one build of a folder.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function streamApi(changes: Changes | undefined, clock: Clock): Hono {
  return new Hono().get('/stream', (context) => {
    if (!changes) throw new ApiError('NotFound', 'there is no server whose changes could be followed');
    if (changes.followers() >= mostFollowers) throw new ApiError('TooMany', `${mostFollowers} follow already; end one, or ask again and again instead`);
    // In unit tests there is no socket.
    const { outgoing } = (context.env ?? {}) as Partial<HttpBindings>;
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    return context.body(
      eventStream(changes, clock, () => {
        if (outgoing?.writableFinished === false) outgoing.destroy();
      }),
      200,
      headers,
    );
  });
}

/** @param cut closes the connection whether its reader reads or not. */
function eventStream(changes: Changes, clock: Clock, cut: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let unfollow = (): void => {};
  let cancelHeartbeat = (): void => {};
  let cancelCut = (): void => {};

  function leave(): void {
    unfollow();
    cancelHeartbeat();
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => controller.enqueue(encoder.encode(text));
        const end = (event: string): void => {
          leave();
          send(event);
          controller.close();
          cancelCut = clock.after(farewellMs, cut);
        };
        const beat = (): void => {
          send(': still here\n\n');
          cancelHeartbeat = clock.after(heartbeatMs, beat);
        };
        cancelHeartbeat = clock.after(heartbeatMs, beat);
        unfollow = changes.follow((event, data) => {
          const text = `event: ${event}\ndata: ${data}\n\n`;
          if (event === 'end') end(text);
          else if (-(controller.desiredSize ?? 0) + text.length > mostWaitingBytes) end('event: end\ndata: {"reason":"the reader is too slow"}\n\n');
          else send(text);
        });
      },
      cancel() {
        leave();
        cancelCut();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  );
}
