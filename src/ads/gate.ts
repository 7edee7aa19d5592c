import { status as statusCodes } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type ClientIdentity, identityOf } from './client-identity.ts';
import type { ClientLimits } from './client-limits.ts';
import type { XdsCall } from './connection.ts';
import { createQuota } from './quota.ts';
import type { AdsObserver } from './status.ts';
import { createTokenBucket } from './token-bucket.ts';

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
  /** Lets a stream in, or ends it with `RESOURCE_EXHAUSTED`: then undefined. */
  enter(call: XdsCall): Entrance | undefined;
}

/** A stream that was let in. */
export interface Entrance {
  /** Undefined: it showed no certificate, as none is asked for. */
  readonly client: ClientIdentity | undefined;
  /** When that certificate ends, in milliseconds since 1970; undefined where there is none. */
  readonly clientUntil: number | undefined;
  readonly admission: Admission;
  /** It ends without ever being served: a line of log, unless there were many. `code` undefined: the client went by itself. */
  unserved(line: Readonly<Record<string, unknown>>, code: statusCodes | undefined): void;
  /** The server ends it, for this reason; not told when the server itself stops. */
  refused(code: statusCodes): void;
  /** It has ended. */
  leave(): void;
}

/** Lines of log about streams that were not served: enough to see who, and no more when a whole fleet tries again and again. */
const loggedRefusals = { burst: 50, perSecond: 5 };

/** Makes the gate of a server: one for all of its streams. */
export function createGate({ limits, trustDomain, clock, log, observer }: GateOptions): Gate {
  const quota = createQuota('streams', { inAll: limits.streams, perAddress: limits.streamsPerAddress });
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

  return {
    enter(call) {
      const peer = call.getPeer();
      const address = addressOf(peer);
      const over = quota.take(address);
      if (over !== undefined) {
        // Without a listener the error would end the process.
        call.on('error', () => undefined);
        refused(statusCodes.RESOURCE_EXHAUSTED);
        unserved({ peer, reason: over }, statusCodes.RESOURCE_EXHAUSTED);
        call.emit('error', { code: statusCodes.RESOURCE_EXHAUSTED, details: over });
        return undefined;
      }
      const { sslPeerCertificate } = call.getAuthContext();
      const client = sslPeerCertificate && identityOf(sslPeerCertificate);
      return {
        client,
        clientUntil: sslPeerCertificate && Date.parse(sslPeerCertificate.valid_to),
        admission: createAdmission({ limits, trustDomain, ...(client ? { client } : {}) }),
        unserved,
        refused,
        leave: () => quota.release(address),
      };
    },
  };
}

/** `ADDRESS:PORT` without the port; an IPv6 address has no brackets there. */
function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':'));
}
