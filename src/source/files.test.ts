import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { patienceMs } from '../../test/e2e/wait.ts';
import { createFakeClock } from '../../test/fake/clock.ts';
import { type Clock, systemClock } from '../clock.ts';
import { createStore, type StoreChange } from '../store/store.ts';
import { createFileSource } from './files.ts';

// Part of every POSIX system, so no dependency.
const makePipe = 'mkfifo';

/** A document: a ConfigMap of one value. */
const map = (name: string, value = '1'): string => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

/** A folder that is removed after the test. */
function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): { readonly path: string; write(name: string, text: string): void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice-files-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write };
}

/** A clock that can be made to stand still: from then on the source does what events wake it for, and nothing else. */
function stoppableClock() {
  let stoppedAt: number | undefined;
  let waitMs = 0;
  return {
    ...systemClock,
    steady: () => stoppedAt ?? systemClock.steady(),
    after(ms: number, task: () => void) {
      waitMs = ms;
      return stoppedAt === undefined ? systemClock.after(ms, task) : () => undefined;
    },
    /** Once the source waits for its next poll, and has done so for longer than it lets an event get quiet. */
    async stop(): Promise<void> {
      do await delay(100);
      while (waitMs < 200);
      stoppedAt = systemClock.steady();
    },
  };
}

/** Runs the source on a path until the test ends. */
function watch(t: TestContext, path: string, clock: Clock = systemClock) {
  const source = createFileSource({ path, log: pino({ enabled: false }), clock });
  const store = createStore([source.name]);
  const changes: StoreChange[] = [];
  const bulkRemovals: string[] = [];
  store.subscribe((told, isBulk) => {
    changes.push(...told);
    if (isBulk) bulkRemovals.push(...told.filter(({ after }) => !after).map(({ name }) => name));
  });
  const ending = new AbortController();
  const running = source.run(store.sink(source.name), ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  t.after(stop);
  const watched = {
    store,
    stop,
    /** Names of the objects that went away, as they were told. */
    removed: () => changes.filter(({ after }) => !after).map(({ name }) => name),
    /** Those of them that were told to have gone in bulk. */
    bulkRemovals: () => bulkRemovals.toSorted(),
    /** `NAME=VALUE` of every ConfigMap, by name. */
    objects: () =>
      store.view
        .list('ConfigMap')
        .map(({ name, object }) => `${name}=${object.data?.['value']}`)
        .sort(),
    codes: () => store.diagnostics().map(({ code }) => code),
    async until(isTrue: () => boolean): Promise<void> {
      const end = performance.now() + patienceMs;
      while (!isTrue() && performance.now() < end) await delay(10);
      assert.ok(isTrue(), `after ${patienceMs} ms: objects ${watched.objects()}, diagnostics ${JSON.stringify(store.diagnostics())}`);
    },
    untilObjects: (...expected: readonly string[]) => watched.until(() => store.isReady() && watched.objects().join() === expected.join()),
    untilCodes: (...expected: readonly string[]) => watched.until(() => watched.codes().join() === expected.join()),
  };
  return watched;
}

test('a file that takes the place of another is read without waiting for quiet, one that is written in place is not', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('b') });
  const clock = stoppableClock();
  const watched = watch(t, path, clock);
  await watched.untilObjects('a=1', 'b=1');
  await clock.stop();
  write('b.yaml', map('b', '2'));
  write('new', map('a', '2'));
  renameSync(join(path, 'new'), join(path, 'a.yaml'));
  await watched.untilObjects('a=2', 'b=1');
});

test('what a tool writes beside a file, some time before it takes its place, holds nothing up', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') });
  const clock = stoppableClock();
  const watched = watch(t, path, clock);
  await watched.untilObjects('a=1');
  await clock.stop();
  write('a.yaml.next', map('a', '2'));
  await delay(100);
  renameSync(join(path, 'a.yaml.next'), join(path, 'a.yaml'));
  await watched.untilObjects('a=2');
});

test('files are read by their ending, in sub-folders too; hidden ones and those of editors are not', async (t) => {
  const { path } = folder(t, {
    'a.yaml': map('a') + map('b'),
    'c.yml': map('c'),
    'd.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}, "data": {"value": "1"}}',
    'sub/folder/e.yaml': map('e'),
    'notes.md': 'x: [',
    '.hidden.yaml': map('no'),
    '.git/config.yaml': map('no'),
    'a.yaml~': map('no'),
    '#a.yaml#': map('no'),
    '.a.yaml.swp': map('no'),
    'empty.yaml': '',
  });
  execFileSync(makePipe, [join(path, 'pipe.yaml')]);
  symlinkSync('.', join(path, 'loop'));
  symlinkSync('nowhere', join(path, 'dangling.yaml'));
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1', 'd=1', 'e=1');
  assert.deepEqual(watched.codes(), []);
  assert.deepEqual(
    watched.store.view.list('ConfigMap').map(({ name }) => name),
    ['a', 'b', 'c', 'd', 'e'],
  );
  const { line, column, ...origin } = watched.store.view.get('ConfigMap', 'default', 'b')?.origin(['data', 'value']) ?? {};
  assert.deepEqual([origin, line, column], [{ object: 'ConfigMap default/b', field: 'data.value', file: join(path, 'a.yaml') }, 10, 8]);
});

test('an empty folder is ready', async (t) => {
  const watched = watch(t, folder(t).path);
  await watched.untilObjects();
});

test('files that come, change, are renamed over and go', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  write('b.yaml', map('b'));
  await watched.untilObjects('a=1', 'b=1');
  write('a.yaml', map('a', '2'));
  await watched.untilObjects('a=2', 'b=1');
  write('.new', map('a', '3') + map('c'));
  renameSync(join(path, '.new'), join(path, 'a.yaml'));
  await watched.untilObjects('a=3', 'b=1', 'c=1');
  unlinkSync(join(path, 'b.yaml'));
  await watched.untilObjects('a=3', 'c=1');
});

test('an edit leaves the other objects of the file the same', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') + map('b') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1');
  const before = watched.store.view.get('ConfigMap', 'default', 'a');
  write('a.yaml', map('a') + map('b', '2'));
  await watched.untilObjects('a=1', 'b=2');
  assert.equal(watched.store.view.get('ConfigMap', 'default', 'a'), before);
});

test('a moved object is found at its new line', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  write('a.yaml', `# one\n# two\n${map('a')}`);
  await watched.until(() => watched.store.view.get('ConfigMap', 'default', 'a')?.origin().line === 4);
});

test('folders that come, are renamed and go', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a') });
  const other = folder(t, { 'team/deep/b.yaml': map('b') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  renameSync(join(other.path, 'team'), join(path, 'team'));
  await watched.untilObjects('a=1', 'b=1');
  writeFileSync(join(path, 'team/deep/c.yaml'), map('c'));
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  renameSync(join(path, 'team'), join(path, 'crew'));
  await watched.until(() => watched.store.view.get('ConfigMap', 'default', 'b')?.origin().file === join(path, 'crew/deep/b.yaml'));
  assert.deepEqual(watched.removed(), []);
  writeFileSync(join(path, 'crew/deep/b.yaml'), map('b', '2'));
  await watched.untilObjects('a=1', 'b=2', 'c=1');
  rmSync(join(path, 'crew'), { recursive: true });
  await watched.untilObjects('a=1');
});

test('a file written in pieces never takes an object away; what stays missing does', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') + map('b') + map('c') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  const pieces = [map('a', '2'), map('b', '2'), map('c', '2')];
  write('a.yaml', '');
  for (const piece of pieces) {
    await delay(100);
    appendFileSync(join(path, 'a.yaml'), piece);
  }
  await watched.untilObjects('a=2', 'b=2', 'c=2');
  assert.deepEqual(watched.removed(), []);
  write('a.yaml', map('a', '3'));
  await watched.untilObjects('a=3');
});

test('a file that is removed and written again, as version control does, never takes an object away', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('b') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1');
  unlinkSync(join(path, 'a.yaml'));
  await delay(100);
  write('a.yaml', map('a', '2'));
  await watched.untilObjects('a=2', 'b=1');
  assert.deepEqual(watched.removed(), []);
});

test('a file that is renamed keeps its objects, and is no duplicate of itself', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  renameSync(join(path, 'a.yaml'), join(path, 'z.yaml'));
  await watched.until(() => watched.store.view.get('ConfigMap', 'default', 'a')?.origin().file === join(path, 'z.yaml'));
  assert.deepEqual([watched.removed(), watched.codes()], [[], []]);
});

test('a change that no event tells of is found', async (t) => {
  const { path } = folder(t);
  const other = folder(t, { 'a.yaml': map('a') });
  symlinkSync(join(other.path, 'a.yaml'), join(path, 'a.yaml'));
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  other.write('a.yaml', map('a', '2'));
  await watched.untilObjects('a=2');
});

test('a file that cannot be looked at keeps what it held', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a') });
  // A link to itself; permissions would not stop a test that runs as root.
  symlinkSync('b.yaml', join(path, 'b.yaml'));
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  assert.deepEqual(watched.codes(), ['FileUnreadable']);
  symlinkSync('a.yaml', join(path, '.loop'));
  renameSync(join(path, '.loop'), join(path, 'a.yaml'));
  await watched.untilCodes('FileUnreadable', 'FileUnreadable');
  assert.deepEqual(watched.objects(), ['a=1']);
  for (const name of ['a.yaml', 'b.yaml']) unlinkSync(join(path, name));
  await watched.untilObjects();
  await watched.untilCodes();
});

test('a mounted ConfigMap is swapped as a whole', async (t) => {
  const { path, write } = folder(t, { '..2026_01/a.yaml': map('a') + map('b'), '..2026_01/b.yaml': map('c') });
  symlinkSync('..2026_01', join(path, '..data'));
  for (const name of ['a.yaml', 'b.yaml']) symlinkSync(join('..data', name), join(path, name));
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  assert.deepEqual(watched.codes(), []);
  write('..2026_02/a.yaml', map('a', '2'));
  write('..2026_02/b.yaml', map('c', '2'));
  symlinkSync('..2026_02', join(path, '..data_tmp'));
  renameSync(join(path, '..data_tmp'), join(path, '..data'));
  rmSync(join(path, '..2026_01'), { recursive: true });
  await watched.untilObjects('a=2', 'c=2');
});

test('a folder that is away keeps its objects and says so until it is back', async (t) => {
  const { path, write } = folder(t, { 'conf/a.yaml': map('a'), 'conf/sub/b.yaml': map('b') });
  const watched = watch(t, join(path, 'conf'));
  await watched.untilObjects('a=1', 'b=1');
  rmSync(join(path, 'conf'), { recursive: true });
  await watched.untilCodes('SourceUnavailable');
  assert.deepEqual(watched.objects(), ['a=1', 'b=1']);
  write('conf/a.yaml', map('a', '2'));
  await watched.untilObjects('a=2');
  await watched.untilCodes();
  write('conf/a.yaml', map('a', '3'));
  await watched.untilObjects('a=3');
});

test('a folder that another takes the place of is read and watched', async (t) => {
  const { path, write } = folder(t, { 'conf/a.yaml': map('a') + map('b'), 'next/a.yaml': map('a', '2') });
  const watched = watch(t, join(path, 'conf'));
  await watched.untilObjects('a=1', 'b=1');
  renameSync(join(path, 'conf'), join(path, 'old'));
  renameSync(join(path, 'next'), join(path, 'conf'));
  await watched.untilObjects('a=2');
  write('conf/a.yaml', map('a', '3'));
  await watched.untilObjects('a=3');
  await watched.untilCodes();
});

test('a folder that comes back empty keeps its objects until something stands in it', async (t) => {
  const { path, write } = folder(t, { 'conf/a.yaml': map('a') });
  const watched = watch(t, join(path, 'conf'));
  await watched.untilObjects('a=1');
  renameSync(join(path, 'conf'), join(path, 'old'));
  await watched.untilCodes('SourceUnavailable');
  mkdirSync(join(path, 'conf'));
  // Longer than the poll and the time after which a file counts as gone.
  await delay(3000);
  assert.deepEqual([watched.objects(), watched.codes()], [['a=1'], ['SourceUnavailable']]);
  write('conf/b.yaml', map('b'));
  await watched.untilObjects('b=1');
  await watched.untilCodes();
});

test('a source is not ready before its folder was there', async (t) => {
  const { path, write } = folder(t);
  const watched = watch(t, join(path, 'conf'));
  await watched.untilCodes('SourceUnavailable');
  assert.equal(watched.store.isReady(), false);
  write('conf/a.yaml', map('a'));
  await watched.untilObjects('a=1');
  await watched.untilCodes();
});

test('a broken document keeps what the file held, and harms no other', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') + map('b'), 'c.yaml': map('c') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  write('a.yaml', `${map('a', '2')}---\napiVersion: v1\nkind: [\n`);
  await watched.untilCodes('UnreadableYaml');
  await watched.untilObjects('a=2', 'b=1', 'c=1');
  assert.deepEqual(watched.store.diagnostics()[0]?.at.file, join(path, 'a.yaml'));
  write('c.yaml', map('c', '2'));
  await watched.untilObjects('a=2', 'b=1', 'c=2');
  write('a.yaml', map('a', '2'));
  await watched.untilObjects('a=2', 'c=2');
  await watched.untilCodes();
});

test('an invalid object keeps its last good form, and does not hold others of its file', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') + map('b') + map('c') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  write('a.yaml', map('a').replace('"1"', '1') + map('c', '2'));
  await watched.untilObjects('a=1', 'c=2');
  await watched.untilCodes('InvalidField');
  write('a.yaml', map('c', '2'));
  await watched.untilObjects('c=2');
  await watched.untilCodes();
});

test('a file that is too large or no text keeps what it held', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('b') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1');
  write('a.yaml', map('a', '2') + '# 10 MB\n'.repeat(1_310_720));
  await watched.untilCodes('FileTooLarge');
  writeFileSync(join(path, 'b.yaml'), Buffer.from([0xff, 0xfe, 0x61, 0x00]));
  await watched.untilCodes('FileTooLarge', 'FileUnreadable');
  assert.deepEqual(watched.objects(), ['a=1', 'b=1']);
  write('a.yaml', map('a', '3'));
  write('b.yaml', map('b', '3'));
  await watched.untilObjects('a=3', 'b=3');
  await watched.untilCodes();
});

test('a document that is too long is refused, the others of its file are not', async (t) => {
  const { path } = folder(t, { 'a.yaml': `${map('a')}${map('b')}# long\n${'# 3 MB\n'.repeat(450_000)}${map('c')}` });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'c=1');
  assert.deepEqual(
    watched.store.diagnostics().map(({ code, at }) => [code, at.line]),
    [['FileTooLarge', 6]],
  );
});

test('an object in two files is taken from the first, and from the other when that lets it go', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('a', '2') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  assert.deepEqual(watched.codes(), ['DuplicateObject']);
  unlinkSync(join(path, 'a.yaml'));
  await watched.untilObjects('a=2');
  await watched.untilCodes();
  assert.deepEqual(watched.removed(), []);
});

test('a single file, whatever its name', async (t) => {
  const { path, write } = folder(t, { objects: map('a'), 'other.yaml': map('no') });
  const watched = watch(t, join(path, 'objects'));
  await watched.untilObjects('a=1');
  write('other.yaml', map('no', '2'));
  write('objects', map('a', '2'));
  await watched.untilObjects('a=2');
  write('.new', map('a', '3'));
  renameSync(join(path, '.new'), join(path, 'objects'));
  await watched.untilObjects('a=3');
  write('objects', map('a', '4'));
  await watched.untilObjects('a=4');
  unlinkSync(join(path, 'objects'));
  await watched.untilCodes('SourceUnavailable');
  assert.deepEqual(watched.objects(), ['a=4']);
});

test('what no event told of is found all the same, also where events told of something else', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('b') });
  // Events of one file alone: those of all others are lost.
  const lost = new Set<string | null>();
  const real = fs.watch;
  t.mock.method(fs, 'watch', (watched: string, listener: (event: string, name: string | null) => void) =>
    real(watched, (event, name) => (name === 'a.yaml' ? listener(event, name) : lost.add(name))),
  );
  syncBuiltinESMExports();
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1');
  // A folder that is watched for the first time is looked at once more.
  await delay(200);
  write('c.yaml', map('c'));
  write('sub/d.yaml', map('d'));
  unlinkSync(join(path, 'b.yaml'));
  write('a.yaml', map('a', '3'));
  await watched.untilObjects('a=3', 'c=1', 'd=1');
  assert.deepEqual([...lost].toSorted(), ['b.yaml', 'c.yaml', 'sub']);
  t.mock.restoreAll();
  syncBuiltinESMExports();
});

test('two thousand files', async (t) => {
  const { path, write } = folder(t);
  for (let index = 0; index < 2000; index += 1) write(`${index % 20}/${index}.yaml`, map(`m${index}`));
  const watched = watch(t, path);
  await watched.until(() => watched.objects().length === 2000);
  write('7/1007.yaml', map('m1007', '2'));
  await watched.until(() => watched.objects().includes('m1007=2'));
  rmSync(join(path, '3'), { recursive: true });
  await watched.until(() => watched.objects().length === 1900);
});

test('what goes from single files is believed; what goes from several at once, or leaves nothing, went in bulk', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') + map('b'), 'c.yaml': map('c'), 'd.yaml': map('d'), 'sub/e.yaml': map('e'), 'f.yaml': map('f') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1', 'd=1', 'e=1', 'f=1');
  write('a.yaml', map('a'));
  await watched.untilObjects('a=1', 'c=1', 'd=1', 'e=1', 'f=1');
  unlinkSync(join(path, 'f.yaml'));
  await watched.untilObjects('a=1', 'c=1', 'd=1', 'e=1');
  renameSync(join(path, 'c.yaml'), join(path, 'g.yaml'));
  await watched.untilObjects('a=1', 'c=1', 'd=1', 'e=1');
  await delay(600);
  assert.deepEqual(watched.bulkRemovals(), []);
  // Slower than one event, as removing many files is, but each within the time that a file must stay away.
  for (const name of ['d.yaml', 'sub/e.yaml']) {
    unlinkSync(join(path, name));
    await delay(100);
  }
  await watched.untilObjects('a=1', 'c=1');
  assert.deepEqual(watched.bulkRemovals(), ['d', 'e']);
  unlinkSync(join(path, 'a.yaml'));
  await watched.untilObjects('c=1');
  assert.deepEqual(watched.bulkRemovals(), ['d', 'e']);
  unlinkSync(join(path, 'g.yaml'));
  await watched.untilObjects();
  assert.deepEqual(watched.bulkRemovals(), ['c', 'd', 'e']);
});

test('what happened while the process was held up counts before the time that passed meanwhile', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a'), 'b.yaml': map('b'), 'c.yaml': map('c') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1', 'b=1', 'c=1');
  unlinkSync(join(path, 'a.yaml'));
  await delay(100);
  const afterwards = delay(1);
  // Longer than a file must stay away: that time ends in the turn in which the other one goes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await afterwards;
  unlinkSync(join(path, 'b.yaml'));
  await watched.untilObjects('c=1');
  assert.deepEqual(watched.bulkRemovals(), ['a', 'b']);
});

test('what a folder that was away does not have any more went in bulk', async (t) => {
  const { path } = folder(t, { 'in/a.yaml': map('a'), 'in/b.yaml': map('b') });
  const watched = watch(t, join(path, 'in'));
  await watched.untilObjects('a=1', 'b=1');
  renameSync(join(path, 'in'), join(path, 'out'));
  await watched.untilCodes('SourceUnavailable');
  unlinkSync(join(path, 'out/b.yaml'));
  renameSync(join(path, 'out'), join(path, 'in'));
  await watched.untilObjects('a=1');
  assert.deepEqual(watched.bulkRemovals(), ['b']);
});

test('when it ends it tells nothing more', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') });
  const watched = watch(t, path);
  await watched.untilObjects('a=1');
  await watched.stop();
  write('a.yaml', map('a', '2'));
  await delay(300);
  assert.deepEqual(watched.objects(), ['a=1']);
});

test('the first list waits for a file that is still being written, and for no other', async (t) => {
  const { path, write } = folder(t, { 'a.yaml': map('a') });
  let writtenAt = performance.now();
  const watched = watch(t, path);
  for (const name of ['b', 'c', 'd']) {
    await delay(100);
    // On a machine that was busy elsewhere the file may have stood still for long enough.
    const isReady = watched.store.isReady();
    assert.ok(!isReady || performance.now() - writtenAt > 200, `before ${name}`);
    writtenAt = performance.now();
    appendFileSync(join(path, 'a.yaml'), map(name));
  }
  await watched.untilObjects('a=1', 'b=1', 'c=1', 'd=1');
  assert.deepEqual(watched.removed(), []);
  await watched.stop();
  write('e.yaml', map('e'));
  utimesSync(join(path, 'e.yaml'), 0, Date.now() / 1000 + 3600);
  utimesSync(join(path, 'a.yaml'), 0, Date.now() / 1000 - 1);
  // All stood still for long, or are of a clock that is ahead: it takes no time.
  const again = watch(t, path, createFakeClock(Date.now()));
  await again.untilObjects('a=1', 'b=1', 'c=1', 'd=1', 'e=1');
});

test('a file that was written within the millisecond of the clock is waited for', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a') });
  const date = Date.now();
  utimesSync(join(path, 'a.yaml'), 0, (date + 0.75) / 1000);
  const began = performance.now();
  const watched = watch(t, path, { ...systemClock, now: () => date });
  await delay(100);
  const isReady = watched.store.isReady();
  assert.ok(!isReady || performance.now() - began > 250, 'it was not yet whole');
});

test('a file that somebody never stops writing does not hold up the first list for ever', async (t) => {
  const { path } = folder(t, { 'a.yaml': map('a') });
  const watched = watch(t, path);
  const began = performance.now();
  while (!watched.store.isReady() && performance.now() - began < 10_000) {
    appendFileSync(join(path, 'a.yaml'), '# more\n');
    await delay(50);
  }
  assert.ok(watched.store.isReady());
  assert.ok(performance.now() - began > 1500);
});
