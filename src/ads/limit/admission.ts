import type { ClientLimits } from '../../client-limits.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import { groupUri } from '../../trust-domain.ts';
import { type ClientIdentity, speaksFor } from '../client-identity.ts';
import type { XdsRequest } from '../stream/request.ts';
import { oversize } from './request-size.ts';

/** Why the server ends a stream. `code` is the name of a gRPC status. */
interface Refused {
  readonly code: 'INVALID_ARGUMENT' | 'PERMISSION_DENIED' | 'RESOURCE_EXHAUSTED';
  /** For the client. */
  readonly message: string;
}

/** Decides what a stream may ask, before anything is done about it. */
export interface Admission {
  /** @param now by `Clock.steady`. @returns why the request ends the stream; undefined: it is taken. */
  refuses(request: XdsRequest, now: number): Refused | undefined;
  /** An answer was sent: one reply to it is free. */
  answered(): void;
}

/** What a stream is judged by. */
export interface AdmissionOptions {
  readonly limits: ClientLimits;
  /** Undefined where clients need no certificate: then every group may be asked for. */
  readonly client?: ClientIdentity;
  readonly trustDomain: string;
}

/** Makes the rules of one stream. */
export function createAdmission({ limits, client, trustDomain }: AdmissionOptions): Admission {
  const unasked = createTokenBucket({ burst: limits.requestBurst, perSecond: limits.requestsPerSecond });
  let replies = 0;
  let isNamed = false;

  function foreignGroup(group: string): Refused | undefined {
    if (!client || speaksFor(client, trustDomain, group)) return undefined;
    const names = client.uris.length === 0 ? 'names no URI at all' : `is for ${client.uris.join(', ')}`;
    return {
      code: 'PERMISSION_DENIED',
      message: `node.cluster asks for the group ${JSON.stringify(group)}, which needs ${groupUri(trustDomain, group)} in the client certificate; that of ${client.subject || 'this client'} ${names}`,
    };
  }

  return {
    answered() {
      replies += 1;
    },
    refuses(request, now) {
      if (request.nonce !== '' && replies > 0) replies -= 1;
      else if (!unasked.take(now)) {
        const { requestBurst, requestsPerSecond } = limits;
        return { code: 'RESOURCE_EXHAUSTED', message: `more than ${requestBurst} requests at once or ${requestsPerSecond} a second that no answer asked for` };
      }
      const size = oversize(request, limits);
      if (size !== undefined) return { code: 'RESOURCE_EXHAUSTED', message: size };
      // The first request that names the node rules; what later ones say of it is not read.
      if (isNamed || !request.node) return undefined;
      isNamed = true;
      return foreignGroup(request.node.group);
    },
  };
}
