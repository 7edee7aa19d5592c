import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { cluster, endpoints, secret } from '../../test/fake/resources.ts';
import { historyContract, keptOf, numbered, plain, settled, silent, testLimits, until } from '../../test/history-contract.ts';
import { smallDisk } from '../../test/small-disk.ts';
import type { Clock } from '../clock.ts';
import type { Resource } from '../resource.ts';
import { createStateFolder, type StateFolderOptions } from './folder.ts';
import { type SecretKey, secretKeyOf } from './secret-key.ts';

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
  made.push(folder);
  return folder;
}

const open = (folder: string, options: Partial<StateFolderOptions> = {}) =>
  createStateFolder(folder, { clock: createFakeClock(), log: silent, limits: testLimits, ...options });
const filesIn = (folder: string): string[] =>
  globSync('**', { cwd: folder, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []));
const codesOf = (history: { diagnostics(): readonly { readonly code: string }[] }): readonly string[] => [
  ...new Set(history.diagnostics().map(({ code }) => code)),
];
const newKey = (): SecretKey => secretKeyOf(randomBytes(32)) ?? assert.fail();
const mapOf = (list: readonly Resource[]) => new Map(list.map((each) => [each.name, each]));

const someAges = { 'default/a/http': { young: { '10.0.0.1 80': 1_700_000_000_000 } }, 'default/b/http': { young: {}, idleSince: 7 } };

/** A folder that a server left in good order: three revisions, the second one served. */
async function leftFolder(): Promise<string> {
  const folder = temporaryFolder();
  const history = open(folder);
  for (const number of [1, 2, 3]) history.keep(numbered(number));
  history.release('default', { served: numbered(2).record.revision, at: 5, pin: { since: 6, why: 'a test' } });
  history.endpoints('default', mapOf([endpoints('a', [1, 2]), endpoints('b', [3])]));
  history.ages(someAges);
  await history.stop();
  return folder;
}

describe('a history in a folder', () => historyContract(async (options) => open(temporaryFolder(), options)));

test('after a restart everything is there', async () => {
  const history = open(await leftFolder());
  const [last, ...others] = await history.lastServed();
  await history.opened();
  assert.deepEqual([others, await history.lastAges()], [[], someAges]);
  assert.deepEqual(last?.release, { served: numbered(2).record.revision, at: 5, pin: { since: 6, why: 'a test' } });
  assert.deepEqual(last?.kept.endpointOrigins, numbered(2).endpointOrigins);
  assert.deepEqual(plain(last?.kept.snapshot.resources).slice(0, 2), plain(numbered(2).snapshot.resources).slice(0, 2));
  assert.deepEqual(
    [...(last?.endpoints.values() ?? [])].map(({ name, version }) => [name, version]).sort(),
    [endpoints('a', [1, 2]), endpoints('b', [3])].map(({ name, version }) => [name, version]),
  );
  assert.deepEqual(
    history.records('default').map(({ revision }) => revision),
    [3, 2, 1].map((number) => numbered(number).record.revision),
  );
  assert.deepEqual(history.diagnostics(), []);
  await history.stop();
});

test('what is kept before the folder was read comes in front of what is in it', async () => {
  const history = open(await leftFolder());
  history.keep(numbered(4));
  history.keep(numbered(1));
  await history.opened();
  assert.deepEqual(
    history.records('default').map(({ revision }) => revision),
    [1, 4, 3, 2].map((number) => numbered(number).record.revision),
  );
  await history.stop();
});

test('what was served last is there before all that is kept was read', async () => {
  const folder = await leftFolder();
  const history = open(folder);
  const [last] = await history.lastServed();
  assert.equal(last?.kept.record.revision, numbered(2).record.revision);
  assert.deepEqual(history.records('default'), []);
  await history.opened();
  assert.equal(history.records('default').length, 3);
  await history.stop();
});

test('a retired group is not served again', async () => {
  const folder = await leftFolder();
  const before = open(folder);
  await before.opened();
  before.retire('default');
  await before.stop();
  const history = open(folder);
  assert.deepEqual(await history.lastServed(), []);
  await history.opened();
  assert.equal(history.records('default').length, 3);
  await history.stop();
});

test('nothing is readable for others', async () => {
  const folder = join(temporaryFolder(), 'state');
  const history = open(folder);
  history.keep(numbered(1));
  history.release('default', { served: numbered(1).record.revision, at: 0 });
  history.endpoints('default', numbered(1).snapshot.resources.endpoints);
  await history.opened();
  const isOpen = (path: string): boolean => (statSync(path).mode & 0o077) !== 0;
  assert.ok(!isOpen(join(folder, 'lock')));
  await history.stop();
  const all = globSync(join(folder, '**'));
  assert.deepEqual(all.filter(isOpen), []);
  assert.ok(all.length > 10);
});

test('what a server left unfinished, and what nothing refers to, goes', async () => {
  const folder = await leftFolder();
  writeFileSync(join(folder, 'bundles', 'nobody-has-it'), 'x');
  writeFileSync(join(folder, 'bundles', 'half.new'), 'x');
  writeFileSync(join(folder, 'groups', 'default', 'release.new'), 'cut o');
  const history = open(folder);
  await history.opened();
  assert.deepEqual(history.diagnostics(), []);
  await history.stop();
  assert.deepEqual(
    filesIn(folder).filter((file) => /nobody|half|new|lock/.test(file)),
    [],
  );
});

describe('whichever file is broken, the rest is used', () => {
  const wounds: readonly [what: string, wound: (path: string) => void][] = [
    ['cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['empty', (path) => truncateSync(path, 0)],
    [
      'changed by one bit',
      (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, index, all) => (index === all.length - 3 ? byte ^ 1 : byte)),
        ),
    ],
    [
      'with a wrong first line',
      (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, index) => (index === 3 ? byte ^ 1 : byte)),
        ),
    ],
  ];
  for (const [what, wound] of wounds) {
    test(what, async () => {
      const whole = await leftFolder();
      for (const file of filesIn(whole)) {
        const folder = temporaryFolder();
        cpSync(whole, folder, { recursive: true });
        wound(join(folder, file));
        const history = open(folder);
        const served = await history.lastServed();
        await history.opened();
        for (const { revision } of history.records('default')) await history.load('default', revision);
        const found = history.diagnostics();
        assert.deepEqual(
          found.map(({ code, at }) => [code, at]),
          [['StateUnreadable', { file: join(folder, file) }]],
          file,
        );
        assert.ok(served.length === 1 || !file.includes('endpoints'), `${file}: broken endpoints cost only themselves`);
        assert.ok(history.records('default').filter(({ hasContent }) => hasContent).length > 0 || file.startsWith('bundles'), file);
        // It heals: what is built again is kept again.
        for (const number of [1, 2, 3]) history.keep(numbered(number));
        history.release('default', { served: numbered(2).record.revision, at: 9 });
        history.ages({});
        history.endpoints('default', mapOf([endpoints('a', [1, 2]), endpoints('b', [3])]));
        await history.stop();
        const again = open(folder);
        assert.equal((await again.lastServed()).length, 1, file);
        for (const number of [1, 2, 3]) assert.ok(await again.load('default', numbered(number).record.revision), file);
        assert.deepEqual(again.diagnostics(), [], file);
        await again.stop();
      }
    });
  }

  test('a pin that is gone with its file is told until there is another one', async () => {
    for (const pin of [undefined, { since: 10, why: 'by hand' }]) {
      const folder = await leftFolder();
      writeFileSync(join(folder, 'groups', 'default', 'release'), 'cut off');
      const history = open(folder);
      await history.lastServed();
      await history.opened();
      history.keep(numbered(3));
      history.release('default', { served: numbered(3).record.revision, at: 9, ...(pin && { pin }) });
      await history.stop();
      const told = history.diagnostics().map(({ message }) => message);
      assert.equal(told.length, pin ? 0 : 1);
      for (const message of told) assert.match(message, /If its group was pinned, it is no more\.$/);
    }
  });

  test('of a newer Sluice, which is left as it is', async () => {
    const folder = await leftFolder();
    const file = join(folder, 'groups', 'default', 'revisions', numbered(1).record.revision);
    const newer = readFileSync(file, 'latin1').replace('sluice-state 1 ', 'sluice-state 2 ');
    writeFileSync(file, newer, 'latin1');
    writeFileSync(join(folder, 'bundles', 'only-the-newer-one-has-it'), 'x');
    const history = open(folder);
    await history.opened();
    assert.match(history.diagnostics()[0]?.message ?? '', /format 2 of a newer Sluice/);
    await history.stop();
    assert.equal(readFileSync(file, 'latin1'), newer);
    assert.ok(filesIn(folder).includes('bundles/only-the-newer-one-has-it'));
  });
});

describe('a disk', () => {
  test('that is full costs nothing but the history, which goes on when there is room', async () => {
    using disk = smallDisk(256);
    writeFileSync(join(disk.path, 'filler'), randomBytes(200 * 1024));
    const clock = createFakeClock();
    let failures = 0;
    const history = open(join(disk.path, 'state'), { clock, onFailure: () => failures++ });
    const large = (number: number) => keptOf([cluster(randomBytes(10_000).toString('hex')), cluster('a', number)]);
    for (let number = 1; number <= 4; number++) history.keep(large(number));
    await until(() => failures > 0);
    assert.deepEqual(codesOf(history), ['StateUnwritable']);
    assert.match(history.diagnostics()[0]?.message ?? '', /ENOSPC/);
    for (const { revision } of history.records('default')) assert.ok(await history.load('default', revision));
    rmSync(join(disk.path, 'filler'));
    clock.advance(5000);
    await until(() => history.diagnostics().length === 0);
    await history.stop();
    const again = open(join(disk.path, 'state'));
    await again.opened();
    for (const { revision } of history.records('default')) assert.ok(await again.load('default', revision));
    assert.deepEqual([again.records('default').length, again.diagnostics()], [4, []]);
    await again.stop();
  });

  test('that is full when the server starts is used as soon as there is room', async () => {
    using disk = smallDisk(64);
    assert.throws(() => writeFileSync(join(disk.path, 'filler'), randomBytes(65 * 1024)), /ENOSPC/);
    const clock = createFakeClock();
    const history = open(disk.path, { clock });
    await history.opened();
    assert.match(history.diagnostics()[0]?.message ?? '', /ENOSPC/);
    rmSync(join(disk.path, 'filler'));
    clock.advance(5000);
    await until(() => history.diagnostics().length === 0);
    await history.stop();
  });

  test('that is read-only gives what it has', async () => {
    using disk = smallDisk(1024);
    const folder = join(disk.path, 'state');
    cpSync(await leftFolder(), folder, { recursive: true });
    disk.setWritable(false);
    const clock = createFakeClock();
    const history = open(folder, { clock });
    assert.equal((await history.lastServed())[0]?.release.at, 5);
    await history.opened();
    assert.deepEqual(codesOf(history), ['StateUnwritable']);
    history.keep(numbered(4));
    disk.setWritable(true);
    clock.advance(5000);
    await until(() => history.diagnostics().length === 0);
    await settled(history);
    assert.equal(history.usage().revisions, 4);
    await history.stop();
  });
});

test('two servers do not write one folder; the second goes on when the first has ended', async () => {
  const folder = await leftFolder();
  const first = open(folder);
  await first.opened();
  const clock = createFakeClock();
  const second = open(folder, { clock });
  second.keep(numbered(7));
  assert.equal((await second.lastServed()).length, 1, 'reading is allowed');
  await second.opened();
  assert.match(second.diagnostics()[0]?.message ?? '', new RegExp(`another server, process ${process.pid} on .*, has the folder`));
  first.keep(numbered(6));
  await first.stop();
  await until(() => {
    clock.advance(5000);
    return second.diagnostics().length === 0;
  });
  await settled(second);
  assert.deepEqual(
    second.records('default').map(({ revision }) => revision),
    [7, 6, 3, 2, 1].map((number) => numbered(number).record.revision),
  );
  await second.stop();
});

describe('a lock that was left behind', () => {
  const left = (folder: string, owner: object) => writeFileSync(join(folder, 'lock'), JSON.stringify({ id: 'x', ...owner }));

  test('by a process elsewhere is taken after it stood still for three looks', async () => {
    const folder = temporaryFolder();
    left(folder, { pid: 1, host: 'elsewhere', space: '' });
    const clock = createFakeClock();
    let waits = 0;
    const after: Clock['after'] = (ms, call) => {
      waits++;
      return clock.after(ms, call);
    };
    const history = open(folder, { clock: { ...clock, after } });
    await history.opened();
    assert.deepEqual(codesOf(history), ['StateUnwritable']);
    for (let look = 2; look <= 3; look++) {
      assert.equal(history.diagnostics().length, 1);
      const before = waits;
      clock.advance(5000);
      // For the next look, or as the owner.
      await until(() => waits > before);
    }
    await until(() => history.diagnostics().length === 0);
    await history.stop();
  });

  test('cut off is taken as well', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), '{"id');
    const clock = createFakeClock();
    const history = open(folder, { clock });
    await until(() => {
      clock.advance(5000);
      return history.diagnostics().length === 0;
    });
    await history.stop();
  });
});

test('ages are written with endpoints, at most once a second and only where they differ, and stay until they are known anew', async () => {
  const folder = await leftFolder();
  const clock = createFakeClock();
  const history = open(folder, { clock });
  const aged = (): number => statSync(join(folder, 'ages')).mtimeMs;
  await history.opened();
  // Long ago, so that whatever is written has another date.
  utimesSync(join(folder, 'ages'), 0, 0);
  const before = aged();
  history.ages(someAges);
  history.endpoints('default', mapOf([endpoints('a', [1])]));
  await history.stop();
  assert.equal(aged(), before);
  const again = open(folder, { clock });
  assert.deepEqual(await again.lastAges(), someAges);
  again.ages({});
  await again.stop();
  assert.notEqual(aged(), before);
  const last = open(folder);
  assert.deepEqual(await last.lastAges(), {});
  await last.stop();
});

test('endpoints are written at most once a second, and only the parts that changed', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(1_000_000);
  const history = open(folder, { clock });
  const many = Array.from({ length: 300 }, (_, index) => endpoints(`cluster-${index}`, [index + 1]));
  const partFiles = () => filesIn(folder).filter((file) => file.includes('endpoints') && !file.endsWith('.new'));
  const times = () => new Map(partFiles().map((file) => [file, statSync(join(folder, file)).mtimeMs]));
  history.endpoints('default', mapOf(many));
  await until(() => partFiles().length === 64);
  await new Promise((done) => setTimeout(done, 50));
  const before = times();
  for (let port = 2; port < 50; port++) history.endpoints('default', mapOf([...many, endpoints('cluster-7', [port])]));
  clock.advance(999);
  await new Promise((done) => setTimeout(done, 50));
  assert.deepEqual(times(), before);
  clock.advance(1);
  await until(() => [...times()].some(([file, time]) => before.get(file) !== time));
  assert.equal([...times()].filter(([file, time]) => before.get(file) !== time).length, 1);
  history.release('default', { served: numbered(1).record.revision, at: 0 });
  history.keep(numbered(1));
  await history.stop();
  const again = open(folder);
  const [served] = await again.lastServed();
  assert.equal(served?.endpoints.size, 300);
  assert.equal(served?.endpoints.get('cluster-7')?.version, endpoints('cluster-7', [49]).version);
  again.endpoints('default', mapOf([endpoints('cluster-9', [1])]));
  await again.stop();
  assert.equal(partFiles().length, 1);
});

describe('values of secrets', () => {
  const value = randomBytes(60).toString('base64');
  const kept = keptOf([cluster('a'), secret('default/certificate', value), secret('other', 'not so long')]);
  const version = kept.snapshot.resources.secrets.get('other')?.version ?? '';
  const isAnywhere = (folder: string): boolean => filesIn(folder).some((file) => readFileSync(join(folder, file)).includes(value.slice(0, 30)));

  async function write(folder: string, key?: SecretKey): Promise<void> {
    const history = open(folder, key && { key });
    history.keep(kept);
    await history.stop();
    assert.equal(isAnywhere(folder), false);
  }
  async function read(folder: string, key?: SecretKey) {
    const history = open(folder, key && { key });
    const loaded = await history.load('default', kept.record.revision);
    const codes = codesOf(history);
    await history.stop();
    return { names: [...(loaded?.snapshot.resources.secrets.keys() ?? [])].sort(), missing: loaded?.missingSecrets, codes };
  }
  const both = ['default/certificate', 'other'];

  test('are not written without a key', async () => {
    const folder = temporaryFolder();
    await write(folder);
    const { names, missing, codes } = await read(folder);
    assert.deepEqual([names, [...(missing?.keys() ?? [])].sort(), missing?.get('other'), codes], [[], both, version, []]);
  });

  test('come back with the key, and are missing with another one or none, which is told', async () => {
    const folder = temporaryFolder();
    const key = newKey();
    await write(folder, key);
    assert.deepEqual(await read(folder, key), { names: both, missing: new Map(), codes: [] });
    for (const other of [newKey(), undefined]) {
      const { names, missing, codes } = await read(folder, other);
      assert.deepEqual([names, [...(missing?.keys() ?? [])].sort(), codes], [[], both, ['StateKeyUnusable']]);
    }
  });

  test('are written anew with a new key', async () => {
    const folder = temporaryFolder();
    await write(folder, newKey());
    const key = newKey();
    await write(folder, key);
    assert.deepEqual((await read(folder, key)).names, both);
  });
});

test('groups of every name have folders of their own', async () => {
  const folder = temporaryFolder();
  const names = ['default', '..', '.', 'sidecar/shop/web', 'sidecar%2Fshop%2Fweb', 'a'.repeat(300), `${'a'.repeat(300)}b`];
  const history = open(folder);
  for (const group of names) history.keep(numbered(1, group));
  await history.stop();
  const again = open(folder);
  for (const group of names) assert.equal((await again.load(group, numbered(1).record.revision))?.record.group, group);
  await again.stop();
  assert.ok(filesIn(folder).every((file) => file.startsWith('bundles/') || file.startsWith('groups/')));
});
