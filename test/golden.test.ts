import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unresolvedCluster } from '../src/ir/names.ts';
import { findEnvoy } from '../src/launch/find-envoy.ts';
import type { Snapshot } from '../src/resource.ts';
import { consistent } from '../src/revision/consistent.ts';
import { buildGolden, printGolden } from './golden-case.ts';
import { refusedByGrpc } from './grpc-validate.ts';
import { jsonOf, staticBootstrap } from './static-bootstrap.ts';

/** `npm run golden` writes what comes out now into the files; the review of a change reads their differences like code. */
const folder = join(import.meta.dirname, 'golden');
const files = globSync(join(folder, '**/*.yaml'), { exclude: (name) => name.endsWith('.out.yaml') }).sort();

let work: string;
before(async () => {
  work = await mkdtemp(join(tmpdir(), 'sluice-golden-'));
});
after(() => rm(work, { recursive: true, force: true }));

describe('golden', () => {
  for (const file of files) {
    test(relative(folder, file), async (t) => {
      const result = await buildGolden(file, work);
      for (const snapshot of result.build.snapshots.values()) {
        assert.deepEqual(
          consistent(snapshot, new Set([unresolvedCluster])).map(({ message }) => message),
          [],
        );
      }
      t.assert.fileSnapshot(printGolden(result), file.replace(/\.yaml$/, '.out.yaml'), { serializers: [(text: string) => text] });
    });
  }
});

describe('golden, given to envoy --mode validate, or to a gRPC client', () => {
  let envoy: string;
  before(async () => {
    envoy = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
  });

  for (const file of files) {
    test(relative(folder, file), async () => {
      const { build } = await buildGolden(file, work);
      for (const snapshot of build.snapshots.values()) {
        if (build.groups.get(snapshot.group)?.dialNames) {
          assert.deepEqual(refusedByGrpc(snapshot), []);
          continue;
        }
        const config = join(work, 'bootstrap.json');
        await writeFile(config, JSON.stringify(bootstrapOf(snapshot)));
        const said = await validate(envoy, config);
        assert.match(said, /^configuration '.*' OK$/m, `group ${snapshot.group}`);
        assert.doesNotMatch(said, /[Dd]eprecated/, `group ${snapshot.group}`);
      }
    });
  }
});

/** All resources of a snapshot; endpoints, which would come by EDS, as clusters of their own. */
function bootstrapOf({ resources }: Snapshot) {
  const bootstrap = staticBootstrap([
    ...resources.listeners.values(),
    ...resources.routes.values(),
    ...resources.clusters.values(),
    ...resources.secrets.values(),
  ]);
  for (const endpoints of resources.endpoints.values()) {
    bootstrap.static_resources.clusters.push({ name: `endpoints of ${endpoints.name}`, type: 'STATIC', load_assignment: jsonOf(endpoints) });
  }
  return bootstrap;
}

function validate(envoy: string, config: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(envoy, ['--mode', 'validate', '-c', config, '-l', 'warning'], { timeout: 120_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}
