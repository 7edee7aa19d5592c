import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayYaml } from '../e2e/objects.ts';
import type { Random } from '../fake/random.ts';
import { pickEdit } from './edits.ts';
import type { Expected } from './oracle.ts';
import { pathsOf, type UnitState, unitYaml } from './unit.ts';

/** Objects in a folder that are edited at random, and what a request may be answered at any time. */
export interface World {
  readonly paths: readonly string[];
  /** One edit, done when it is written. Gives it in words. */
  edit(): Promise<string>;
  /** What was expected of a path over time, the newest last; times are those of `performance.now()`. */
  history(path: string): readonly Expected[];
  /** Whether files may be half written for a while: not while a server starts, which would not know what stood there before. */
  setHalfWritten(isAllowed: boolean): void;
  /** Takes the files of so many units away at once. Gives what they were. */
  remove(count: number): Promise<readonly string[]>;
}

/** Files of six objects each; with the Gateway these are 205 objects. */
export const unitCount = 34;
export const clusterCount = unitCount * 2;

/** So many may be away at the same time: far fewer than what counts as a wipe. */
const mostAway = 4;
const halfWrittenForMs = 60;
/** A file that stood still for so long counts as whole, less a reserve. Only on a busy machine one stands half written for so long. */
const believedAfterMs = 200;

interface Unit {
  readonly name: string;
  state: UnitState;
  isThere: boolean;
  readonly history: Expected[];
}

/** @param backends name and port of each; they never go away. */
export async function createWorld(folder: string, random: Random, backends: readonly { readonly name: string; readonly port: number }[]): Promise<World> {
  const unitFolder = join(folder, 'units');
  await mkdir(unitFolder, { recursive: true });
  const ports = backends.map(({ port }) => port);
  const units: readonly Unit[] = Array.from({ length: unitCount }, (_, index) => ({
    name: `u${index}`,
    state: {
      route: { edition: 0, isSwapped: false, weights: [1, 0] },
      backends: [index % backends.length, (index + 1) % backends.length],
      generation: 0,
      maxRequests: 1000,
    },
    isThere: true,
    history: [],
  }));
  let mayBeHalfWritten = true;

  const fileOf = ({ name }: Unit): string => join(unitFolder, `${name}.yaml`);
  /** By rename, so that nobody sees half of it. As the other way to write a file it gives for how long it stood half written. */
  async function put(file: string, text: string): Promise<number> {
    const next = join(folder, '..', 'next');
    await writeFile(next, text);
    await rename(next, file);
    return 0;
  }
  /** As an editor that writes in place, slowly. What is there meanwhile is cut off where YAML can tell, or between two documents. Gives for how long. */
  async function putSlowly(file: string, text: string): Promise<number> {
    const cuts = [...text.matchAll(/\n---|[[{]/g)].map(({ index, 0: cut }) => index + cut.length);
    const began = performance.now();
    await writeFile(file, text.slice(0, random.pick(cuts)));
    await sleep(random.next() * halfWrittenForMs);
    await writeFile(file, text);
    return performance.now() - began;
  }
  function expected({ state, isThere }: Unit): Pick<Expected, 'route'> {
    if (!isThere) return {};
    const { edition, weights } = state.route;
    const led = [...weights.keys()].filter((position) => (weights[position] ?? 0) > 0);
    return { route: { edition, led, endpoints: state.backends.map((index) => backends[index]?.name ?? '') } };
  }
  /** What is new may be answered from when it begins to be written, and what was old until it is known. */
  async function change(unit: Unit, write: () => Promise<number>): Promise<void> {
    const next: Expected = { ...expected(unit), since: performance.now() };
    const index = unit.history.push(next) - 1;
    const halfWrittenMs = await write();
    const writtenAt = performance.now();
    const half = halfWrittenMs > believedAfterMs ? [{ ...next, writtenAt, mayFail: true }] : [];
    unit.history.splice(index, 1, ...half, { ...next, ...(half.length > 0 ? { since: writtenAt } : {}), writtenAt });
  }
  async function remove(unit: Unit): Promise<void> {
    unit.isThere = false;
    await change(unit, async () => {
      await rm(fileOf(unit));
      return 0;
    });
  }

  await put(join(folder, 'gateway.yaml'), gatewayYaml);
  for (const unit of units) await change(unit, () => put(fileOf(unit), unitYaml(unit.name, unit.state, ports)));

  return {
    paths: units.flatMap(({ name }) => pathsOf(name)),
    async edit() {
      const unit = random.pick(units);
      const draw = random.next();
      if (unit.isThere && draw < 0.05 && units.filter(({ isThere }) => !isThere).length < mostAway) {
        await remove(unit);
        return `${unit.name} is removed`;
      }
      const edit = pickEdit(random);
      unit.state = edit.next(unit.state, random, backends.length);
      const isNew = !unit.isThere;
      unit.isThere = true;
      const isSlow = !isNew && edit.changesOneObject && mayBeHalfWritten && random.chance(0.2);
      await change(unit, () => (isSlow ? putSlowly : put)(fileOf(unit), unitYaml(unit.name, unit.state, ports)));
      return `${unit.name}: ${isNew ? 'comes back with ' : ''}${edit.name}${isSlow ? ', half written' : ''}, ${JSON.stringify(unit.state)}`;
    },
    history: (path) => units.find(({ name }) => pathsOf(name).includes(path))?.history ?? [],
    setHalfWritten(isAllowed) {
      mayBeHalfWritten = isAllowed;
    },
    async remove(count) {
      const gone = units.slice(0, count);
      for (const unit of gone) await remove(unit);
      return gone.map(({ name }) => name);
    },
  };
}
