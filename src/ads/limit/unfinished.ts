import type { ServerHttp2Stream } from 'node:http2';
import { status as statusCodes } from '@grpc/grpc-js';
import type { Clock } from '../../clock.ts';
import { isAlone } from './http2-stream.ts';
import { createReadMemory } from './read-memory.ts';
import { createRequestMeter } from './request-meter.ts';
import type { Place, Room } from './room.ts';

/** What the requests of a stream may take until they are whole. */
export interface WatchOptions {
  readonly stream: ServerHttp2Stream;
  /** What all streams of the server share. */
  readonly room: Room;
  readonly clock: Clock;
  /** How long a request may wait for room, and then take to come. */
  readonly requestMs: number;
  /** Size of a request; what is larger is refused before it comes. */
  readonly requestBytes: number;
  /** A request has begun. */
  readonly onBegun: () => void;
  /** The stream is to be ended with this status. */
  readonly onRefused: (code: statusCodes, details: string) => void;
}

/**
 * Sees to it that requests of which a part has come do not fill the memory. One that does not come in one piece takes its place
 * in the room with the length that it announces; while there is none the client is not allowed to send more.
 */
export function watchUnfinished({ stream, room, clock, requestMs, requestBytes, onBegun, onRefused }: WatchOptions): void {
  const meter = createRequestMeter();
  const memory = createReadMemory(() => isAlone(stream));
  let current: { readonly number: number; place?: Place; cancel?: () => void } | undefined;
  let isRefused = false;

  function refuse(code: statusCodes, details: string): void {
    isRefused = true;
    // What has come of it is there until the stream is closed.
    if (current?.place?.isGranted()) current.cancel?.();
    else leave();
    onRefused(code, details);
  }
  function expectRest(bytes: number | undefined): () => void {
    const size = bytes === undefined ? '' : ` of ${bytes} bytes`;
    return clock.after(requestMs, () => refuse(statusCodes.DEADLINE_EXCEEDED, `a request${size} is not whole after ${requestMs} ms`));
  }
  function leave(): void {
    current?.cancel?.();
    current?.place?.leave();
    current = undefined;
  }
  function enter(begun: NonNullable<typeof current>, bytes: number): void {
    begun.cancel?.();
    const place = room.enter(stream.session ?? stream, bytes, () => {
      begun.cancel?.();
      begun.cancel = expectRest(bytes);
      stream.resume();
    });
    if (!place) {
      refuse(statusCodes.RESOURCE_EXHAUSTED, 'too many clients wait for room for their requests: try again later');
      return;
    }
    begun.place = place;
    if (place.isGranted()) begun.cancel = expectRest(bytes);
    else
      begun.cancel = clock.after(requestMs, () =>
        refuse(statusCodes.RESOURCE_EXHAUSTED, `no room for a request of ${bytes} bytes within ${requestMs} ms: requests of others that are not whole take it`),
      );
  }

  stream.on('data', (piece: Uint8Array) => {
    if (isRefused) return;
    const unfinished = meter.take(piece);
    memory.take(piece);
    if (!unfinished) memory.release('all');
    else if (current && current.number !== unfinished.number) memory.release('all but the last');
    if (current && current.number !== unfinished?.number) leave();
    if (!unfinished) return;
    const { number, bytes, isCrumbled } = unfinished;
    if (!current) {
      onBegun();
      current = { number, cancel: expectRest(undefined) };
    }
    if (isCrumbled) refuse(statusCodes.RESOURCE_EXHAUSTED, 'the request comes in pieces that are too small');
    else if (bytes !== undefined && bytes > requestBytes) refuse(statusCodes.RESOURCE_EXHAUSTED, `a request of ${bytes} bytes is larger than ${requestBytes}`);
    else if (bytes !== undefined && !current.place) enter(current, bytes);
    // The library lets a stream go on after each whole request, whether or not the next one has room.
    if (current?.place?.isGranted() === false) stream.pause();
  });
  // What the library holds of a request it holds as long as the stream is there.
  stream.once('close', leave);
}
