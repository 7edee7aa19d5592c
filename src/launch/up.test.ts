import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { waitFor } from '../../test/e2e/wait.ts';
import { isAlive } from '../is-alive.ts';
import { LaunchError } from './launch-error.ts';
import { type UpOptions, type UpServer, up } from './up.ts';

/** A folder of a user, and options that print into a list and start a server without any group. */
function fixture(t: TestContext, files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-up-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'objects of the user');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const printed: string[] = [];
  const ending = new AbortController();
  let stops = 0;
  const server: UpServer = {
    xdsAddress: '127.0.0.1:1',
    adminAddress: '127.0.0.1:2',
    isReady: () => true,
    groups: () => [],
    followEnvoys: () => undefined,
    stop: async () => {
      stops++;
    },
  };
  const configs: (readonly string[])[] = [];
  const options: UpOptions = {
    folder,
    stateFolder: join(root, '.sluice'),
    env: process.env,
    ports: [],
    httpPort: 8080,
    httpsPort: 8443,
    print: (line) => printed.push(line),
    signal: ending.signal,
    startServer: async (config) => {
      configs.push(config);
      return server;
    },
  };
  return { options, printed, ending, configs, stops: () => stops, pidFile: join(folder, 'pid') };
}

function pidIn(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    // Not written yet.
    return 0;
  }
}

const longProcess = 'long: echo $$ > pid; sleep 600\n';

test('up: starts the processes, reads both folders, prints what to try, and ends all when told to', async (t) => {
  const { options, printed, ending, configs, stops, pidFile } = fixture(t, {
    Procfile: `${longProcess}secret: echo made > $SLUICE_OBJECTS/made.yaml\nbad: exit 7\n`,
    'TRY.txt': 'curl http://localhost:$HTTP_PORT/\n',
  });
  const running = up(options);
  await waitFor('what to try', () => printed.some((line) => line === 'curl http://localhost:8080/'));
  await waitFor('the end of the bad one', () => printed.some((line) => line.startsWith('bad ended')));
  await waitFor('the long one', () => pidIn(pidFile) > 0);
  const objects = join(options.stateFolder, 'objects');
  await waitFor('the object that one makes', () => readdirSync(objects).length > 0);
  assert.deepEqual(configs, [[options.folder, objects]]);
  assert.deepEqual(readdirSync(objects), ['made.yaml']);
  assert.ok(printed.includes('started long, secret, bad'));
  assert.match(printed.find((line) => line.startsWith('bad')) ?? '', /^bad ended with exit status 7, its log is .*bad\.log$/);
  ending.abort();
  await running;
  assert.equal(stops(), 1);
  assert.equal(isAlive(pidIn(pidFile)), false);
});

test('up: a server that cannot start takes the processes with it', async (t) => {
  const { options, pidFile } = fixture(t, { Procfile: longProcess });
  const broken = up({
    ...options,
    startServer: async () => {
      await waitFor('the long one', () => pidIn(pidFile) > 0);
      throw new LaunchError('no', 'none');
    },
  });
  await assert.rejects(broken, LaunchError);
  assert.ok(pidIn(pidFile) > 0);
  assert.equal(isAlive(pidIn(pidFile)), false);
});

test('up: a port that is taken is told before anything is started', async (t) => {
  const { options, printed, configs } = fixture(t, { Procfile: longProcess });
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const ports = [{ host: '127.0.0.1', port, purpose: 'HTTP', remedy: '--http-port PORT takes another one' }];
  await assert.rejects(up({ ...options, ports }), (error: unknown) => {
    assert.ok(error instanceof LaunchError);
    assert.equal(error.message, `port ${port} on 127.0.0.1, wanted for HTTP, is taken by another process`);
    assert.equal(error.remedy, '--http-port PORT takes another one');
    return true;
  });
  assert.deepEqual([printed, configs], [[], []]);
});

test('up: a second one beside it does not touch what the first keeps in the state folder', async (t) => {
  const { options, ending, configs } = fixture(t, { Procfile: 'secret: echo made > $SLUICE_OBJECTS/made.yaml\n' });
  const running = up(options);
  const objects = join(options.stateFolder, 'objects');
  await waitFor('the object that is made', () => configs.length === 1 && readdirSync(objects).length === 1);
  await assert.rejects(up(options), (error: unknown) => {
    assert.ok(error instanceof LaunchError);
    assert.match(error.message, new RegExp(`^another .sluice up. \\(pid ${process.pid}\\) keeps`));
    return true;
  });
  assert.deepEqual(readdirSync(objects), ['made.yaml']);
  ending.abort();
  await running;
  assert.deepEqual(readdirSync(options.stateFolder).includes('up.pid'), false);
});

test('up: what an ended process left is taken over', async (t) => {
  const { options, ending, configs } = fixture(t, {});
  mkdirSync(options.stateFolder);
  // No process has this number: it is above the largest that Linux and macOS give.
  writeFileSync(join(options.stateFolder, 'up.pid'), '99999999');
  const running = up(options);
  await waitFor('the server', () => configs.length === 1);
  ending.abort();
  await running;
});

test('up: a folder that is not there and a Procfile that cannot be read are told', async (t) => {
  const { options } = fixture(t, { Procfile: 'what\n' });
  await assert.rejects(up(options), /Procfile:1 is not of the form NAME: COMMAND/);
  await assert.rejects(up({ ...options, folder: join(options.folder, 'nothing') }), /nothing is not a folder/);
});
