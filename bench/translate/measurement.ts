import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Build, build } from '../../src/build.ts';
import { defaultSettings } from '../../src/settings.ts';
import { readFileDocument } from '../../src/source/file-document.ts';
import { readFolder } from '../../src/source/folder.ts';
import { createStore } from '../../src/store/store.ts';
import type { Stored } from '../../src/store/stored.ts';
import { hostFiles, ingressText } from './objects.ts';

/** What was measured, in milliseconds of processor time. */
export interface Measurement {
  readonly ingresses: number;
  readonly hosts: number;
  /** The same files, only parsed as YAML. */
  readonly parsed: number;
  /** Files read and checked, into the store. */
  readonly read: number;
  /** Objects in the store to the first snapshot. */
  readonly built: number;
  /** From the text of a changed Ingress to the bytes of the next snapshot: the middle of some changes. */
  readonly changed: number;
  /** How many resources have other bytes after a change. */
  readonly changedResources: number;
}

/** Measures it in this process. @param changes how many Ingresses are changed, one after the other. */
export function measure(folder: string, ingresses: number, hosts: number, changes: number): Measurement {
  const files = hostFiles(folder, ingresses, hosts);
  // The first build pays for reading the Envoy API, whatever it builds.
  build(createStore([]).view, defaultSettings);
  const parsed = spent(() => {
    for (const { path } of files) for (const document of parseAllDocuments(readFileSync(path, 'utf8'))) document.toJS();
  });
  const store = createStore(['bench']);
  const sink = store.sink('bench');
  const read = spent(() => sink.list(readFolder([folder]).objects));
  let before = build(createStore([]).view, defaultSettings);
  const built = spent(() => {
    before = build(store.view, defaultSettings);
  });
  const each: number[] = [];
  let changedResources = 0;
  for (let round = 0; round < changes; round += 1) {
    const number = (round * 37) % ingresses;
    const text = ingressText(number, number % hosts, `-${round}`);
    const served = before;
    let after = before;
    each.push(
      spent(() => {
        sink.change({ put: objectsIn(`${folder}/changed-${number}.yaml`, text), remove: [] });
        after = build(store.view, defaultSettings, { before: served, served: (group) => served.snapshots.get(group) });
      }),
    );
    changedResources = Math.max(changedResources, differing(before, after));
    before = after;
  }
  const changed = each.toSorted((a, b) => a - b)[each.length >> 1] ?? 0;
  return { ingresses, hosts, parsed, read, built, changed, changedResources };
}

function objectsIn(path: string, text: string): readonly Stored[] {
  return readFileDocument(path, { text, firstLine: 1 }, 0).results.flatMap(({ stored }) => (stored ? [stored] : []));
}

/** Processor time of this process, the collection of garbage included. */
function spent(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function differing(before: Build, after: Build): number {
  const bytesOf = ({ snapshots }: Build) =>
    new Map(
      [...snapshots].flatMap(([group, { resources }]) =>
        Object.entries(resources).flatMap(([type, all]) => [...all].map(([name, { version }]) => [`${group} ${type} ${name}`, version] as const)),
      ),
    );
  const old = bytesOf(before);
  return [...bytesOf(after)].filter(([key, version]) => old.get(key) !== version).length;
}
