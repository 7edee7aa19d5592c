import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/clock.ts';
import type { Resource } from '../../src/resource.ts';
import { followXds } from '../fake/xds-client.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { sluice, startSluice, untilReady } from './sluice.ts';
import { waitFor } from './wait.ts';

let v1: HttpBackend;
let v2: HttpBackend;
let stack: Stack;
/** A mistake on line 5. */
const brokenRoute = 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: broken}\nspec:\n  parentRefs: wrong\n';
/** A folder with that mistake in it. */
let broken: string;

before(async () => {
  [v1, v2] = [await startHttpBackend('v1'), await startHttpBackend('v2')];
  const shop = [secureGatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port]), routeYaml('shop', { v1: 90, v2: 10 }, '/shop')].join('\n---');
  stack = await startStack({ objects: { 'shop.yaml': shop, 'secret.yaml': tlsSecret('shop', await selfSigned(['shop.example.com'], Date.now())) } });
  broken = await mkdtemp(join(tmpdir(), 'sluice-cli-'));
  await writeFile(
    join(broken, 'route.yaml'),
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop}\nspec:\n  parentRefs: wrong\n',
  );
});
after(async () => {
  await stack?.close();
  await Promise.all([v1?.close(), v2?.close()]);
  if (broken !== undefined) await rm(broken, { recursive: true, force: true });
});

/** Asks the running server. */
const ask = (...words: string[]) => sluice([...words, '--server', `http://${stack.server().adminAddress}`]);

async function succeeds(run: ReturnType<typeof sluice>): Promise<string> {
  const { status, stdout, stderr } = await run;
  assert.equal(stderr, '');
  assert.equal(status, 0, stdout);
  return stdout;
}

test('every command has a help with an example, and an unknown one is refused with a suggestion', async () => {
  const all = await succeeds(sluice(['--help']));
  const terminal = createTerminal(process.stdout, process.stderr);
  const commands = createProgram({ terminal, env: {}, clock: systemClock, signal: AbortSignal.abort(), status: 0 }).commands.map((command) => command.name());
  assert.ok(commands.length >= 20);
  for (const command of commands) assert.match(all, new RegExp(`^ {2}${command} `, 'm'));
  const helps = await Promise.all(commands.map((command) => succeeds(sluice([command, '--help']))));
  for (const [index, help] of helps.entries()) assert.match(help, new RegExp(`Examples:\n {2}# .+\n {2}\\$ .*sluice ${commands[index]}\\b`));
  const wrong = await sluice(['stats']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /Did you mean status\?/);
});

test('--version is that of the package', async () => {
  assert.match(await succeeds(sluice(['--version'])), /^\d+\.\d+\.\d+\n$/);
});

test('status is one line an Envoy, or JSON, or YAML', async () => {
  await waitFor('everything acknowledged', async () => {
    const text = await succeeds(ask('status'));
    assert.match(text, /^NODE +GROUP +ENVOY /);
    assert.match(text, /^envoy-0 +default +1\.\S+ +delta +(\S+) +\1 +ACKED +ACKED +ACKED +ACKED +ACKED +- +-$/m);
    assert.match(text, /^\S*objects +yes +\d+$/m);
    return true;
  });
  assert.equal(JSON.parse(await succeeds(ask('status', '-o', 'json'))).nodes[0].id, 'envoy-0');
  assert.equal(parse(await succeeds(ask('status', '-o', 'yaml'))).nodes[0].id, 'envoy-0');
});

test('status ends with 1 while something is wrong, and says where to look', async () => {
  await stack.write('broken.yaml', brokenRoute);
  try {
    await waitFor('the mistake', async () => {
      const { status, stdout } = await ask('status');
      assert.equal(status, 1);
      assert.match(stdout, /^1 error; `sluice lint` lists them$/m);
      return true;
    });
  } finally {
    await stack.remove('broken.yaml');
  }
  await waitFor('no mistake', async () => (await ask('status')).status === 0);
});

const tables: readonly (readonly [type: string, line: RegExp])[] = [
  ['listeners', /^default +default\/80 +127\.0\.0\.1:\d+ +\* +plain text +default\/80 +\S*shop\.yaml:\d+/m],
  ['routes', /^default\/80 +\* +\/shop\/\* +default\/v1\/80 90%, default\/v2\/80 10% +\S*shop\.yaml:\d+/m],
  ['clusters', /^default +default\/v1\/80 +1 +EDS +\w+ +http1 /m],
  ['endpoints', /^default +default\/v1\/80 +127\.0\.0\.1:\d+ +healthy +1/m],
  [
    'secrets',
    /^default +default\/shop +certificate +CN=shop\.example\.com +DNS:shop\.example\.com +\d{4}-\d\d-\d\d in 29d 2\dh +([0-9A-F]{2}:){31}[0-9A-F]{2}$/m,
  ],
];
for (const [type, line] of tables) {
  test(`get ${type} is the same from a server and from a folder, in every form`, async () => {
    const text = await succeeds(ask('get', type));
    assert.match(text, line);
    assert.equal(text, stripVTControlCharacters(text));
    assert.doesNotMatch(text, / $/m);
    const json = JSON.parse(await succeeds(ask('get', type, '-o', 'json')));
    assert.deepEqual(parse(await succeeds(ask('get', type, '-o', 'yaml'))), json);
    const offline = JSON.parse(await succeeds(sluice(['get', type, '-c', stack.folder, '-o', 'json'])));
    // The server was told other ports than the default ones of a folder.
    const name = (row: { name?: string; cluster?: string }) => row.name ?? row.cluster;
    assert.deepEqual(offline.rows.map(name), json.rows.map(name));
  });
}

test('get by name', async () => {
  assert.equal(JSON.parse(await succeeds(ask('get', 'clusters', 'default/v1/80', '-o', 'json'))).rows.length, 1);
  const missing = await ask('get', 'clusters', 'nothing');
  assert.equal(missing.status, 1);
  assert.equal(missing.stdout, 'no clusters\n');
});

test('snapshot is what Envoy is served', async () => {
  const json = JSON.parse(await succeeds(ask('snapshot', '-o', 'json')));
  assert.equal(json.group, 'default');
  assert.equal(json.routes[0].name, 'default/80');
  assert.deepEqual(parse(await succeeds(ask('snapshot', '--node', 'envoy-0'))), json);
  assert.equal(JSON.parse(await succeeds(sluice(['snapshot', '-c', stack.folder, '-o', 'json']))).group, 'default');
  assert.match((await ask('snapshot', '-g', 'x')).stderr, /group x does not exist; there are: default/);
});

test('translate prints what snapshot would, without a server', async () => {
  const [group] = JSON.parse(await succeeds(sluice(['translate', stack.folder, '-o', 'json'])));
  assert.deepEqual(group, JSON.parse(await succeeds(sluice(['snapshot', '-c', stack.folder, '-o', 'json']))));
  assert.deepEqual(parse(await succeeds(sluice(['translate', stack.folder])))[0], group);
  const wrong = await sluice(['translate', broken]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /route\.yaml:5:\d+ error InvalidField/);
});

test('explain walks to the endpoints and names the origin, from a server and from a folder', async () => {
  for (const run of [ask('explain', `http://localhost:${stack.httpPort}/shop/1`), sluice(['explain', 'http://localhost/shop/1', '-c', stack.folder])]) {
    const text = await succeeds(run);
    assert.match(text, /default\/v1\/80 .*90%/);
    assert.match(text, new RegExp(`127\\.0\\.0\\.1:${v1.port}`));
    assert.match(text, /shop\.yaml:\d+/);
  }
  const json = JSON.parse(await succeeds(ask('explain', 'POST', `http://localhost:${stack.httpPort}/shop/1`, '-H', 'x-a: b', '-o', 'json')));
  assert.ok(JSON.stringify(json).includes('default/v2/80'));
});

test('explain tells of a 404 what came nearest, and ends with 1', async () => {
  const { status, stdout } = await ask('explain', `http://localhost:${stack.httpPort}/shoq`);
  assert.equal(status, 1);
  assert.match(stdout, /404/);
  assert.match(stdout, /\/shop/);
});

test('why follows an object to the Envoy', async () => {
  await waitFor('acknowledged', async () => {
    const text = await succeeds(ask('why', 'httproute', 'shop'));
    assert.match(text, /^HTTPRoute default\/shop at \S*shop\.yaml:\d+:\d+: accepted$/m);
    assert.match(text, /^routes +default\/80 /m);
    assert.match(text, /Envoys: envoy-0 has it/);
    return true;
  });
  assert.equal(JSON.parse(await succeeds(sluice(['why', 'Service', 'v1', '-c', stack.folder, '-o', 'json']))).accepted, true);
  const missing = await ask('why', 'HTTPRoute', 'nothing');
  assert.equal(missing.status, 1);
  assert.equal(missing.stderr, 'sluice: there is no HTTPRoute default/nothing\n');
  assert.equal((await sluice(['why', 'HTTPRoute', 'broken', '-c', broken])).status, 1);
});

test('lint is one line a mistake, JSON for scripts, and an exit status for CI', async () => {
  assert.equal(await succeeds(sluice(['lint', stack.folder])), 'no problems\n');
  assert.equal(await succeeds(ask('lint')), 'no problems\n');
  const wrong = await sluice(['lint', broken]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /^\S*route\.yaml:5:\d+ error InvalidField .+\n1 error\n$/);
  const json = JSON.parse((await sluice(['lint', broken, '-o', 'json'])).stdout);
  assert.equal(json.diagnostics[0].at.line, 5);
  assert.deepEqual(json.counts, { error: 1, warning: 0, info: 0 });
});

test('what cannot run ends with 2 and says what to do', async () => {
  const port = await freePort();
  const away = await sluice(['status', '--server', `http://127.0.0.1:${port}`]);
  assert.equal(away.status, 2);
  assert.match(away.stderr, new RegExp(`^sluice: no server answers at http://127\\.0\\.0\\.1:${port}: .*ECONNREFUSED.*\nStart one with \`sluice serve`));
  for (const words of [['lint', join(broken, 'nothing')], ['get', 'pods'], ['get'], ['status', '--nothing'], ['bootstrap'], ['explain'], ['serve']]) {
    const run = await sluice(words);
    assert.equal(run.status, 2, words.join(' '));
    assert.notEqual(run.stderr, '');
    assert.doesNotMatch(run.stderr, /this is a bug/, words.join(' '));
  }
});

test('bootstrap prints JSON or YAML', async () => {
  const json = JSON.parse(await succeeds(sluice(['bootstrap', '--node', 'edge-1', '--group', 'edge', '--xds', 'sluice:18000'])));
  assert.deepEqual(json.node, { id: 'edge-1', cluster: 'edge' });
  assert.equal(json.dynamic_resources.ads_config.api_type, 'DELTA_GRPC');
  assert.equal(parse(await succeeds(sluice(['bootstrap', '--node', 'a', '--sotw', '-o', 'yaml']))).dynamic_resources.ads_config.api_type, 'GRPC');
  for (const wrong of [
    ['--xds', 'x'],
    ['--envoy-admin-port', 'x'],
    ['--tls-cert', 'x'],
    ['--tls-server-name', 'x'],
  ]) {
    assert.equal((await sluice(['bootstrap', '--node', 'a', ...wrong])).status, 2, wrong.join(' '));
  }
});

test('the completion of bash is accepted by bash, the others name every command', async () => {
  const bash = await succeeds(sluice(['completion', 'bash']));
  const checked = spawnSync('bash', ['-n'], { input: bash, encoding: 'utf8' });
  assert.deepEqual([checked.status, checked.stderr], [0, '']);
  for (const shell of ['zsh', 'fish']) {
    const script = await succeeds(sluice(['completion', shell]));
    for (const command of ['up', 'serve', 'get', 'completion']) assert.match(script, new RegExp(`\\b${command}\\b`));
    if (spawnSync(shell, ['--version']).status === 0) assert.equal(spawnSync(shell, ['-n', '/dev/stdin'], { input: script }).status, 0, shell);
  }
});

test('--watch prints again when something changes, and ends with the process', async () => {
  const watching = startSluice(['get', 'endpoints', 'default/v2/80', '--watch', '--server', stack.server().adminAddress]);
  await waitFor('the first look', () => watching.stdout().includes(`127.0.0.1:${v2.port}`));
  const extra = await freePort();
  await stack.write('extra.yaml', serviceYaml('v2', [extra]).split('\n---').at(-1) ?? '');
  try {
    await waitFor('the second look', () => watching.stdout().includes(`127.0.0.1:${extra}`));
  } finally {
    await stack.remove('extra.yaml');
  }
  watching.child.kill('SIGINT');
  assert.equal((await watching.ended).status, 0);
});

test('serve runs until it is asked to end, with options from the environment', async () => {
  const [xds, admin] = [await freePort(), await freePort()];
  const serving = startSluice(['serve', '-c', stack.folder, '--admin-address', `127.0.0.1:${admin}`], {
    SLUICE_XDS_ADDRESS: `127.0.0.1:${xds}`,
    SLUICE_ADMIN_TOKEN: 'secret-token',
  });
  try {
    await untilReady(serving, admin);
    const server = ['--server', `http://127.0.0.1:${admin}`];
    const refused = await sluice(['get', 'clusters', ...server]);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /a token is needed.*\nGive the token of the server: --token TOKEN or SLUICE_TOKEN/);
    assert.match(await succeeds(sluice(['get', 'clusters', ...server], { SLUICE_TOKEN: 'secret-token' })), /default\/v1\/80/);
    const second = await sluice(['serve', '-c', stack.folder, '--xds-address', '127.0.0.1:0', '--admin-address', `127.0.0.1:${admin}`]);
    assert.equal(second.status, 2);
    assert.match(second.stderr, /cannot be bound: .*EADDRINUSE/);
  } finally {
    serving.child.kill('SIGTERM');
  }
  const { status, stdout } = await serving.ended;
  assert.equal(status, 0);
  for (const line of stdout.trimEnd().split('\n')) assert.ok(JSON.parse(line).msg);
  assert.doesNotMatch(stdout, /secret-token/);
});

test('options that contradict each other are all told at once', async () => {
  const { status, stderr } = await sluice(['serve', '-c', broken, '--xds-address', '0.0.0.0:1', '--admin-address', '0.0.0.0:2', '--http-port', 'x']);
  assert.equal(status, 2);
  for (const option of ['--xds-address', '--admin-address', '--http-port']) assert.match(stderr, new RegExp(`^${option} error InvalidOption `, 'm'));
});

// The last one: what an Envoy was found to refuse is told until the object changes, also when that Envoy is gone.
test('status shows a refusal in the words of the Envoy, and why a stream waits', async () => {
  const address = stack.server().xdsAddress;
  const refuse = ({ type, name }: Resource) => (type === 'routes' && name === 'default/80' ? 'is not to my taste' : undefined);
  using _picky = followXds(address, { protocol: 'sotw', id: 'picky', refuse });
  using _stray = followXds(address, { protocol: 'delta', id: 'stray', group: 'nowhere' });
  await waitFor('both are known', async () => {
    const { status, stdout } = await ask('status');
    assert.equal(status, 1);
    assert.match(stdout, /^picky +default +.* NACKED .* RDS \S+\.yaml:\d+:\d+$/m);
    assert.match(
      stdout,
      /^picky refused routes \S+ ago: Error adding\/updating routes default\/80: is not to my taste\n {2}default\/80 from .*shop\.yaml:\d+/m,
    );
    assert.match(stdout, /^stray waits: .*nowhere/m);
    return true;
  });
});
