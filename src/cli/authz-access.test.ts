import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../config/read-config.ts';
import { serverAuthz } from './authz-access.ts';

test('a state folder that cannot be used does not keep a server from starting', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-authz-access-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const stateDir = join(root, 'state');
  writeFileSync(stateDir, 'no folder');
  const troubles: string[] = [];
  const { config } = readConfig({ config: [root], stateDir }, {});

  const authz = serverAuthz(config, false, (message) => troubles.push(message));
  t.after(authz.stop);
  assert.match(authz.access?.address ?? '', /^unix:/);
  assert.match(troubles.join('\n'), /^the auth service cannot use .*\/state\/authz, so passwords are checked only while the server runs: ENOTDIR.*$/);
});
