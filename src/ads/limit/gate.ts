import { status as statusCodes } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { ClientLimits } from '../../client-limits.ts';
import type { Clock } from '../../clock.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import { type ClientIdentity, identityOf, validUntil } from '../client-identity.ts';
import type { XdsCall } from '../connection.ts';
import type { AdsObserver } from '../stream/status.ts';
import { type Admission, createAdmission } from './admission.ts';
import { cutLater, http2StreamOf, isCompressed } from './http2-stream.ts';
import { createQuota } from './quota.ts';
import { createRoom } from './room.ts';
import { watchUnfinished } from './unfinished.ts';

/** By which rules streams come in. */
export interface GateOptions {
  readonly limits: ClientLimits;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: AdsObserver;
}

/** Who comes in, and by which rules. */
export interface Gate {
  /** Lets a stream in, or ends it with a status: then undefined. */
  enter(call: XdsCall): Entrance | undefined;
  /** What is there of requests that are not whole yet, and how many clients wait until they may send theirs. */
  unfinished(): { readonly bytes: number; readonly waiting: number };
  /** Whether that is so much that others had better begin later. */
  isCrowded(): boolean;
}

/** A stream that was let in. */
export interface Entrance {
  /** Undefined: it showed no certificate, as none is asked for. */
  readonly client: ClientIdentity | undefined;
  /** When that certificate ends, in milliseconds since 1970; undefined where there is none. */
  readonly clientUntil: number | undefined;
  readonly admission: Admission;
  /**
   * Follows its requests from their first byte on.
   * @param onBegun called for each that does not come in one piece.
   * @param end ends the stream with a status.
   */
  watch(onBegun: () => void, end: (code: statusCodes, details: string) => void): void;
  /** It ends without ever being served: a line of log, unless there were many. `code` undefined: the client went by itself. */
  unserved(line: Readonly<Record<string, unknown>>, code: statusCodes | undefined): void;
  /** The server ends it with this status, so that nothing of it may stay. */
  ended(code: statusCodes): void;
  /** It has ended. */
  leave(): void;
}

/** Lines of log about streams that were not served: enough to see who, and no more when a whole fleet tries again and again. */
const loggedRefusals = { burst: 50, perSecond: 5 };

/** Makes the gate of a server: one for all of its streams. */
export function createGate({ limits, trustDomain, clock, log, observer }: GateOptions): Gate {
  const quota = createQuota('streams', { inAll: limits.streams, perAddress: limits.streamsPerAddress });
  const { requestBytes, requestMs } = limits;
  const room = createRoom({ bytes: limits.unfinishedBytes, bytesPerConnection: requestBytes, waiting: limits.unfinishedWaiting });
  const loggable = createTokenBucket(loggedRefusals);
  let unlogged = 0;

  function unserved(line: Readonly<Record<string, unknown>>, code: statusCodes | undefined): void {
    if (!loggable.take(clock.steady())) {
      unlogged += 1;
      return;
    }
    log[code === undefined ? 'info' : 'warn']({ ...line, ...(unlogged === 0 ? {} : { unlogged }) }, 'xDS stream not served');
    unlogged = 0;
  }
  const refused = (code: statusCodes): void => observer.streamRefused(statusCodes[code]);
  function turnAway(call: XdsCall, code: statusCodes, details: string): undefined {
    // Without a listener the error would end the process.
    call.on('error', () => undefined);
    refused(code);
    unserved({ peer: call.getPeer(), reason: details }, code);
    call.emit('error', { code, details });
    cutLater(http2StreamOf(call), clock);
  }

  return {
    unfinished: () => ({ bytes: room.takenBytes(), waiting: room.waiting() }),
    isCrowded: () => room.waiting() > 0 || room.takenBytes() > limits.unfinishedBytes / 2,
    enter(call) {
      if (isCompressed(call)) return turnAway(call, statusCodes.UNIMPLEMENTED, 'compressed requests are not taken');
      const address = addressOf(call.getPeer());
      const over = quota.take(address);
      if (over !== undefined) return turnAway(call, statusCodes.RESOURCE_EXHAUSTED, over);
      const stream = http2StreamOf(call);
      const { sslPeerCertificate } = call.getAuthContext();
      const client = sslPeerCertificate && identityOf(sslPeerCertificate);
      return {
        client,
        clientUntil: sslPeerCertificate && validUntil(sslPeerCertificate),
        admission: createAdmission({ limits, trustDomain, ...(client ? { client } : {}) }),
        unserved,
        watch: (onBegun, end) => watchUnfinished({ stream, room, clock, requestMs, requestBytes, onBegun, onRefused: end }),
        ended(code) {
          // Not counted where the server itself stops.
          if (code !== statusCodes.UNAVAILABLE) refused(code);
          cutLater(stream, clock);
        },
        leave: () => quota.release(address),
      };
    },
  };
}

/** `ADDRESS:PORT` without the port; an IPv6 address has no brackets there. */
function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':'));
}
