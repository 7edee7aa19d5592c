import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import type { Resource } from '../../src/resource.ts';
import { badResources, goodResources } from '../fake/bad-resources.ts';
import { staticBootstrap } from '../static-bootstrap.ts';

/** Whatever the check before sending holds back, a real Envoy refuses: nothing good is withheld. */
describe('what the check before sending refuses', { timeout: 600_000 }, () => {
  let envoy: string;
  let work: string;
  before(async () => {
    envoy = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    work = await mkdtemp(join(tmpdir(), 'sluice-refused-'));
  });
  after(() => rm(work, { recursive: true, force: true }));

  async function validate(resources: readonly Resource[]): Promise<string> {
    const config = join(work, 'bootstrap.json');
    await writeFile(config, JSON.stringify(staticBootstrap(resources)));
    return new Promise((resolve) => {
      execFile(envoy, ['--mode', 'validate', '-c', config, '-l', 'warning'], { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  }

  /** The bad one instead of the good one of its name. */
  const withBad = (bad: Resource): readonly Resource[] => [...goodResources.filter(({ type, name }) => type !== bad.type || name !== bad.name), bad];

  test('good resources are taken', async () => {
    assert.match(await validate(goodResources), /^configuration '.*' OK$/m);
  });

  for (const { resource, problem } of badResources) {
    test(`${resource.type}: ${problem}`, async () => {
      assert.doesNotMatch(await validate(withBad(resource)), /^configuration '.*' OK$/m);
    });
  }
});
