import { join } from 'node:path';
import { isLoopback, parseAddress } from '../address.ts';
import { authzKeyIn } from '../authz/key-file.ts';
import type { Config } from '../config.ts';
import { authzCluster } from '../ir/names.ts';
import { createAuthzProcess } from '../launch/authz-process.ts';
import type { Server, ServerOptions } from '../server/server.ts';

/** The auth service of a server. */
export interface ServerAuthz {
  /** For the server. */
  readonly access: NonNullable<ServerOptions['authz']>;
  /** Starts it as soon as an Envoy is told of it. */
  follow(server: Pick<Server, 'engine'>): void;
  stop(): Promise<void>;
}

/**
 * What the options say of it: one that runs elsewhere, or a process of ours. With a state folder that goes on when the server ends, so that passwords are
 * checked then too, unless all shall end.
 * @throws {Error} where its key or its folder cannot be used.
 */
export function serverAuthz({ authzService, stateDir, xdsAddress }: Config, endsWithUs: boolean, onTrouble: (message: string) => void): ServerAuthz {
  if (authzService) {
    const access = { address: authzService.address, key: authzKeyIn(authzService.keyFile) };
    return { access, follow() {}, stop: async () => undefined };
  }
  const folder = stateDir === undefined ? undefined : join(stateDir, 'authz');
  const own = createAuthzProcess({ folder, outlivesUs: stateDir !== undefined && !endsWithUs, onTrouble });
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
