import { createSecretKey } from 'node:crypto';
import { parseAddress } from '../../address.ts';
import type { Backend } from '../../ir/backend.ts';
import { authzCluster } from '../../ir/names.ts';
import { createSealing, type Sealing, sealingKeyBytes } from '../../sealing.ts';
import { plainBackend } from '../plain-backend.ts';

/** The auth service of the Envoys, and how it is told what they must not read. */
export interface AuthzAccess {
  /** `HOST:PORT` or `unix:PATH`, as Envoys reach it. */
  readonly address: string;
  readonly sealing: Pick<Sealing, 'seal'>;
}

/** For what is only shown: Envoys that had it would find nobody to ask, and answer with 503. */
export const noAuthz: AuthzAccess = {
  address: 'unix:/run/sluice/authz.sock',
  sealing: createSealing(createSecretKey(Buffer.alloc(sealingKeyBytes))),
};

/** The cluster of the auth service. */
export function authzBackend({ address }: AuthzAccess): Backend {
  const { host, port } = parseAddress(address) ?? { host: '', port: 0 };
  return plainBackend({
    name: authzCluster,
    endpoints: address.startsWith('unix:')
      ? { type: 'socket', path: address.slice('unix:'.length) }
      : { type: 'dns', hosts: [{ hostname: host, port, weight: 1 }] },
    origins: [],
  });
}
