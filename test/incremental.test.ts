import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { type Build, build } from '../src/build.ts';
import { resourceTypes } from '../src/resource.ts';
import { readFileDocument } from '../src/source/file-document.ts';
import { type DocumentText, splitDocuments } from '../src/source/yaml.ts';
import { createStore, storeViewOf } from '../src/store/store.ts';
import type { Stored } from '../src/store/stored.ts';
import { type Random, random } from './fake/random.ts';
import { readGolden } from './golden-case.ts';

/** `EDITS_SEED=17 EDITS=200` draws others, and more of them. */
const firstSeed = Number(process.env['EDITS_SEED'] ?? 1);
const edits = Number(process.env['EDITS'] ?? 25);
const folder = join(import.meta.dirname, 'golden');
const files = globSync(join(folder, '**/*.yaml'), { exclude: (name) => name.endsWith('.out.yaml') }).sort();

// What is remembered from build to build (host names, routes, backends, readings of annotations) hangs on the objects: with objects that
// were read anew there is nothing to remember. What changed is told by the build before. Taken out one by one, each of these turned it red: in
// known-server.ts the notes, `isSameServer`, `isSameCanary`, `hasTls`, the port and what is said again, in server-rows.ts what was touched and what is settled,
// in group.ts the same routes, the same listener
// and what is said again, in noting-reading.ts what was wrong with a backend and each of the keys, in changes.ts that another kind may mean anything.
for (const [number, file] of files.entries()) {
  test(`random edits, one after the other, give what their result gives from nothing: ${relative(folder, file)}`, async () => {
    const { text, settings, asked } = await readGolden(file);
    const written = splitDocuments(text);
    const draw = random(firstSeed * 1000 + number);
    const now: (DocumentText | undefined)[] = [...written];
    const read = (index: number): readonly Stored[] => {
      const document = now[index];
      return document ? readFileDocument('golden.yaml', document, index).results.flatMap(({ stored }) => stored ?? []) : [];
    };
    const held = now.map((_, index) => read(index));
    const store = createStore(['files']);
    const sink = store.sink('files');
    sink.list(held.flat());
    let incremental = build(store.view, settings, { asked });
    for (let turn = 0; turn < edits; turn++) {
      const index = Math.floor(draw.next() * now.length);
      now[index] = edited(written[index], now[index], draw);
      held[index] = read(index);
      sink.list(held.flat());
      const fresh = createStore(['files']);
      fresh.sink('files').list(now.flatMap((_, each) => read(each)));
      const next = build(store.view, settings, { asked, before: incremental });
      assert.deepEqual(told(next), told(build(fresh.view, settings, { asked })), `after edit ${turn}, of document ${index}: ${now[index]?.text}`);
      // One that comes before what belongs to it is dropped.
      if (!draw.chance(0.25)) incremental = next;
    }
  });
}

test('what an Ingress asks for a host name of another holds where nothing else of the host name changes', async () => {
  const { text, settings } = await readGolden(join(folder, 'ingress/tls-of-another.yaml'));
  const read = (): readonly Stored[] =>
    splitDocuments(text).flatMap((document, index) => readFileDocument('golden.yaml', document, index).results.flatMap(({ stored }) => stored ?? []));
  const store = createStore(['files']);
  const sink = store.sink('files');
  const objects = read();
  sink.list(objects.filter(({ name }) => name !== 'secured'));
  const before = build(store.view, settings);
  sink.list(objects);
  assert.deepEqual(told(build(store.view, settings, { before })), told(build(storeViewOf(read()).view, settings)));
});

/** Takes a document away, gives it back as it was written, or leaves out one of its lines or changes a digit, whatever that makes of it. */
function edited(written: DocumentText | undefined, now: DocumentText | undefined, draw: Random): DocumentText | undefined {
  if (!written || (now && draw.chance(0.25))) return undefined;
  // A broken form of a Secret leaves the last good one in use, which one from nothing does not have.
  if (!now || draw.chance(0.25) || written.text.includes('kind: Secret')) return written;
  const lines = now.text.split('\n');
  const at = Math.floor(draw.next() * lines.length);
  const line = lines[at] ?? '';
  const digits = [...line.matchAll(/\d/g)];
  if (digits.length === 0) return { ...now, text: lines.toSpliced(at, 1).join('\n') };
  const { index } = draw.pick(digits);
  const other = `${line.slice(0, index)}${Math.floor(draw.next() * 10)}${line.slice(index + 1)}`;
  return { ...now, text: lines.toSpliced(at, 1, other).join('\n') };
}

/** All that comes out: resources by their bytes, with their origins, and diagnostics. */
function told({ snapshots, diagnostics }: Build): unknown {
  const groups = [...snapshots].map(([group, { revision, resources }]) => ({
    group,
    revision,
    resources: resourceTypes.flatMap((type) =>
      [...resources[type].values()].map(({ name, version, origins }) => JSON.stringify([type, name, version, origins])),
    ),
  }));
  return { groups, diagnostics: diagnostics.map((one) => JSON.stringify(one)).sort() };
}
