import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { giveBack } from '../../src/ads/message/give-back.ts';
import { type EncodedAnswer, encodeAnswer } from '../../src/ads/message/wire.ts';
import { type Build, build } from '../../src/build.ts';
import { type Resource, resourceTypes } from '../../src/resource.ts';
import { changeBetween } from '../../src/revision/revision.ts';
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
  /** From the text of a changed Ingress to the next snapshot, in which all is encoded and checked: the middle of some changes. */
  readonly changed: number;
  /** The same, and the resources that are other ones are written into the message that an Envoy is sent, each in one of its own. */
  readonly sent: number;
  /** How many bytes these messages have. */
  readonly sentBytes: number;
  /** As many bytes copied in one piece, from memory to memory that was never used. */
  readonly copied: number;
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
  let round = 0;
  let others: readonly Resource[] = [];
  const change = (isSent: boolean): number => {
    const number = (round * 37) % ingresses;
    const text = ingressText(number, number % hosts, `-${round}`);
    const served = before;
    round += 1;
    const costs = spent(() => {
      // In its place in the file, so that it is as old as before.
      sink.change({ put: objectsIn(`${folder}/host-${number % hosts}.yaml`, text, Math.floor(number / hosts)), remove: [] });
      before = build(store.view, defaultSettings, { before: served, served: (group) => served.snapshots.get(group) });
      if (isSent) for (const resource of differing(served, before)) send(resource);
    });
    others = differing(served, before);
    return costs;
  };
  const changed = middle(Array.from({ length: changes }, () => change(false)));
  const sent = middle(Array.from({ length: Math.ceil(changes / 4) }, () => change(true)));
  const messages = others.map((resource) => {
    const answer = answerOf(resource);
    const message = Buffer.alloc(answer.byteLength);
    answer.copy(message, 0);
    return message;
  });
  const copied = middle(Array.from({ length: Math.ceil(changes / 4) }, () => spent(() => messages.forEach(copyOnce))));
  const sentBytes = messages.reduce((sum, { length }) => sum + length, 0);
  return { ingresses, hosts, parsed, read, built, changed, sent, sentBytes, copied, changedResources: others.length };
}

/** What an Envoy is told of a resource. */
const answerOf = (resource: Resource): EncodedAnswer =>
  encodeAnswer({ protocol: 'delta', type: resource.type, nonce: '1', version: resource.version, resources: [resource], removed: [] });

/** All that is done until HTTP/2 has the message, and when the message is gone. */
function send(resource: Resource): void {
  const answer = answerOf(resource);
  // As the gRPC library does it.
  answer.copy(Buffer.allocUnsafe(answer.byteLength), 0);
  answer.release();
}

function copyOnce(message: Buffer): void {
  const copy = Buffer.allocUnsafe(message.length);
  message.copy(copy);
  giveBack(copy);
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function objectsIn(path: string, text: string, number: number): readonly Stored[] {
  return readFileDocument(path, { text, firstLine: 1 }, number).results.flatMap(({ stored }) => (stored ? [stored] : []));
}

/** Processor time of this process, the collection of garbage included. */
function spent(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The resources that are new or other ones, as the server finds them. */
function differing(before: Build, after: Build): readonly Resource[] {
  return [...after.snapshots].flatMap(([group, snapshot]) => {
    const change = changeBetween(before.snapshots.get(group), snapshot);
    return resourceTypes.flatMap((type) => (change[type] ?? []).flatMap((name) => snapshot.resources[type].get(name) ?? []));
  });
}
