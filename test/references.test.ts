import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { type Build, build } from '../src/build.ts';
import type { Kind } from '../src/kind/index.ts';
import { resourceTypes } from '../src/resource.ts';
import { defaultSettings, namedObjects, type Settings } from '../src/settings.ts';
import { referencesOf, referredKinds } from '../src/source/cluster/references.ts';
import { readFolder } from '../src/source/folder.ts';
import { keyText } from '../src/store/sink.ts';
import { storeViewOf } from '../src/store/store.ts';
import type { Stored } from '../src/store/stored.ts';
import { readGolden } from './golden-case.ts';

/** Of a cluster only those Secrets and ConfigMaps are read that `referencesOf` finds: whatever a translation asks for must be among them. */
const work = mkdtempSync(join(tmpdir(), 'sluice-references-'));
after(() => rmSync(work, { recursive: true }));

for (const file of globSync(join(import.meta.dirname, 'golden/**/*.yaml'), { exclude: (name) => name.endsWith('.out.yaml') })) {
  test(`all that is needed is referred to: ${relative(import.meta.dirname, file)}`, async () => {
    const { text, settings, asked } = await readGolden(file);
    const path = join(work, 'objects.yaml');
    writeFileSync(path, text);
    const { objects } = readFolder([path]);
    const kept = referred(objects, settings);
    if (kept.length === objects.length) return;
    assert.deepEqual(versions(build(storeViewOf(kept).view, settings, { asked })), versions(build(storeViewOf(objects).view, settings, { asked })));
  });
}

/** The objects that would be read of a cluster. */
function referred(objects: readonly Stored[], settings: Partial<Settings>): readonly Stored[] {
  const named = new Set(namedObjects(settings.ingress ?? defaultSettings.ingress));
  const isReferred = (one: Stored): boolean => (referredKinds as readonly Kind[]).includes(one.kind);
  const kept = objects.filter((one) => !isReferred(one) || one.name === 'sluice-session' || named.has(`${one.namespace}/${one.name}`));
  for (;;) {
    const wanted = new Set(kept.flatMap(referencesOf).map(keyText));
    const more = objects.filter((one) => !kept.includes(one) && wanted.has(keyText(one)));
    if (more.length === 0) return kept;
    kept.push(...more);
  }
}

/** Versions of all resources, which are hashes of their bytes. */
function versions({ snapshots }: Build): object {
  return Object.fromEntries(
    [...snapshots].map(([name, { resources }]) => [
      name,
      resourceTypes.flatMap((type) => [...resources[type].values()].map((one) => `${type} ${one.name} ${one.version}`)),
    ]),
  );
}
