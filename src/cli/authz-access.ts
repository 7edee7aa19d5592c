import { join } from 'node:path';
import { isLoopback, parseAddress } from '../address.ts';
import { authzKeyIn } from '../authz/key-file.ts';
import type { Config } from '../config/config.ts';
import { authzCluster } from '../ir/names.ts';
import { type AuthzProcess, createAuthzProcess } from '../launch/authz-process.ts';
import { reasonOf } from '../reason.ts';
import type { Server, ServerOptions } from '../server/server.ts';

/** The auth service of a server. */
export interface ServerAuthz {
  /** For the server. Undefined: there is none. */
  readonly access?: NonNullable<ServerOptions['authz']>;
  /** Starts it as soon as an Envoy is told of it. */
  follow(server: Pick<Server, 'engine'>): void;
  stop(): Promise<void>;
}

/**
 * What the options say of it: one that runs elsewhere, or a process of ours. With a state folder that goes on when the server ends, so that passwords are
 * checked then too, unless all shall end. A folder that cannot be used stops no server, as none of its paths may need passwords.
 * @throws {Error} where the key of one that runs elsewhere cannot be used.
 */
export function serverAuthz({ authzService, stateDir, xdsAddress }: Config, endsWithUs: boolean, onTrouble: (message: string) => void): ServerAuthz {
  if (authzService) {
    const access = { address: authzService.address, key: authzKeyIn(authzService.keyFile) };
    return { access, follow() {}, stop: async () => undefined };
  }
  const own = authzProcess(stateDir === undefined ? undefined : join(stateDir, 'authz'), endsWithUs, onTrouble);
  if (!own) return { follow() {}, stop: async () => undefined };
  const host = parseAddress(xdsAddress)?.host;
  const reachesOut = host !== undefined && !isLoopback(host);
  return {
    access: own,
    follow({ engine }) {
      let isTold = false;
      const look = (group: string): void => {
        if (isTold || !engine.snapshot(group)?.resources.clusters.has(authzCluster)) return;
        isTold = true;
        own.start();
        if (reachesOut)
          onTrouble(
            'paths need passwords, and Envoys on other machines find no auth service there: start `sluice authz` beside them, and give --authz-address',
          );
      };
      engine.groups().forEach(look);
      engine.snapshots.subscribe(({ group }) => look(group));
    },
    stop: own.stop,
  };
}

/** In this folder, else in one that ends with it. Undefined: in none. */
function authzProcess(folder: string | undefined, endsWithUs: boolean, onTrouble: (message: string) => void): AuthzProcess | undefined {
  try {
    return createAuthzProcess({ folder, outlivesUs: folder !== undefined && !endsWithUs, onTrouble });
  } catch (error) {
    const reason = reasonOf(error);
    if (folder === undefined) {
      onTrouble(`there is no folder for the auth service, so paths with passwords answer 503: ${reason}`);
      return undefined;
    }
    onTrouble(`the auth service cannot use ${folder}, so passwords are checked only while the server runs: ${reason}`);
    return authzProcess(undefined, endsWithUs, onTrouble);
  }
}
