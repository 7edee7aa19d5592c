import assert from 'node:assert/strict';
import { waitFor } from '../e2e/wait.ts';
import { dumpOf, dumpOfServed } from './config-dump.ts';
import type { Scene } from './scene.ts';

const convergeWithinMs = 60_000;

/**
 * Waits until every Envoy acknowledged the revision that is served and has every resource of it in force, body by body, and no other: also
 * the clusters that nothing leads to any more have had their time.
 */
export async function converged({ server, fleet, adminPort }: Scene): Promise<void> {
  await waitFor(
    'all Envoys have in force what is served',
    async () => {
      const { nodes, groups } = await server.status();
      const revision = groups.find(({ name }) => name === 'default')?.revision;
      const acknowledged = nodes.filter(({ id }) => id.startsWith('envoy-')).map(({ id, revisionAcked }) => `${id} ${revisionAcked}`);
      assert.deepEqual(
        acknowledged.sort(),
        fleet.envoys.map((_, index) => `envoy-${index} ${revision}`),
      );
      const served = await dumpOfServed(adminPort);
      for (const [index, envoy] of fleet.envoys.entries()) assert.deepEqual(await dumpOf(envoy), served, `envoy-${index}`);
      return true;
    },
    convergeWithinMs,
  );
}
