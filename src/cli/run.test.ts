import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../test/e2e/port.ts';
import { runWords as run } from '../../test/fake/command-line.ts';

test('help and version are no failures', async () => {
  assert.equal((await run(['--help'])).status, 0);
  assert.match((await run(['help', 'get'])).printed, /^Usage: sluice get /);
  assert.match((await run(['-V'])).printed, /^\d+\.\d+\.\d+\n$/);
});

const wrong: readonly (readonly [words: readonly string[], message: RegExp])[] = [
  [[], /^Usage: sluice/],
  [['stats'], /unknown command 'stats'\n\(Did you mean status\?\)\n`sluice help COMMAND` shows its arguments and options\./],
  [['get'], /missing required argument 'type'\n`sluice help COMMAND`/],
  [['get', 'pods'], /Allowed choices are/],
  [['status', '-o', 'xml'], /Allowed choices are table, json, yaml/],
  [['bootstrap'], /required option '--node <id>'/],
  [['bootstrap', '--node', ''], /--node is empty\nLook whether the variable that it comes from is set\./],
  [['bootstrap', '--node', 'a', '--tls-secrets', ''], /--tls-secrets is empty/],
  [['certificates', ''], /DIR is empty/],
  [['bootstrap', '--node', 'a', '--tls-cert', 'c'], /--tls-cert and --tls-key belong together\nGive both or none\./],
  [['explain', 'POST'], /POST is a method, and there is no URL\nGive \[METHOD\] URL\./],
  [['explain', 'GET', 'http://x/', 'more'], /too many words: more/],
  [['explain', 'http://x/', '--client-ip', '1.2.3'], /--client-ip "1\.2\.3" is no IP address\nWrite it as/],
  [['explain', 'http://x/', '-H', 'nonsense'], /-H "nonsense" is no header\nWrite it as NAME: VALUE\./],
  [['snapshot', '--node', 'a', '--group', 'b'], /cannot be used with option/],
  [['lint', '/nowhere/at/all'], /\/nowhere\/at\/all does not exist\nName a folder/],
  [['serve'], /^--config error InvalidOption There is nothing to read objects from\..*\nsluice: the server was not started/],
  [['serve', '-c', '.', '--admin-token-file', '/nowhere'], /--admin-token-file \/nowhere cannot be read/],
];
for (const [words, message] of wrong) {
  test(`sluice ${words.join(' ')} cannot run and says why`, async () => {
    const { status, printed, complained } = await run(words);
    assert.equal(status, 2);
    assert.equal(printed, '');
    assert.match(complained, message);
    assert.doesNotMatch(complained, /this is a bug/);
  });
}

test('the server and its token are taken from the environment', async () => {
  const server = `http://127.0.0.1:${await freePort()}`;
  const { status, complained } = await run(['status'], { SLUICE_SERVER: server });
  assert.equal(status, 2);
  assert.ok(complained.includes(`no server answers at ${server}: `), complained);
});

test('a bootstrap needs no server', async () => {
  const { status, printed } = await run(['bootstrap', '--node', 'edge-1', '--zone', 'a', '--tls-ca', 'ca.pem', '--tls-cert', 'c.pem', '--tls-key', 'k.pem']);
  assert.equal(status, 0);
  const { node, static_resources } = JSON.parse(printed);
  assert.deepEqual(node, { id: 'edge-1', cluster: 'default', locality: { zone: 'a' } });
  assert.match(JSON.stringify(static_resources), /"k\.pem"/);
});

test('a folder without objects is no mistake, and is said', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-empty-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { status, printed } = await run(['lint', folder]);
  assert.deepEqual([status, printed], [0, 'no problems, as there are no objects\n']);
});

test('a cluster that is away ends a command in words that hold for one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-run-'));
  try {
    const server = `https://127.0.0.1:${await freePort()}`;
    const file = join(folder, 'config');
    writeFileSync(
      file,
      `{apiVersion: v1, kind: Config, current-context: a, clusters: [{name: c, cluster: {server: "${server}"}}], contexts: [{name: a, context: {cluster: c, user: u}}], users: [{name: u, user: {}}]}`,
    );
    const { status, complained } = await run(['lint', '--kubernetes', '--kubeconfig', file]);
    assert.equal(status, 2);
    assert.match(
      complained,
      new RegExp(`^sluice: The API server ${server} cannot be asked .*ECONNREFUSED.*\nBring it back, or mend the kubeconfig or its credentials\\.$`, 'm'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
