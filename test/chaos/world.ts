import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayYaml, routeYaml, serviceYaml } from '../e2e/objects.ts';
import type { Random } from '../fake/random.ts';

/** An answer that a request may get: the name of a backend, or that there is no such route. */
type Expected = string;
const noRoute: Expected = 'no route';

/** Objects in a folder that are edited at random, and what a request may be answered at any time. */
export interface World {
  readonly paths: readonly string[];
  /** One edit, done when it is written. Gives it in words. */
  edit(): Promise<string>;
  /** What may answer a request for a path: all that held between `from` and now. */
  allowed(path: string, from: number): ReadonlySet<Expected>;
  /** Takes all routes and Services away at once, but not the Gateway. */
  wipe(): Promise<void>;
}

/** One file: a route, the Service that it leads to, and that one's endpoint. */
interface Unit {
  readonly name: string;
  /** Counts the Services that came after one another; each has a name, and so a cluster, of its own. */
  generation: number;
  backend: number;
  isThere: boolean;
  /** Since when what is expected, the newest last. */
  readonly expected: { readonly at: number; readonly answer: Expected }[];
}

/** 66 files of three objects, a Gateway and the class that is built in: 200 objects less one. */
const units = 66;
/** Of so many the route may be away at the same time: fewer than what the fuse takes for a wipe. */
const mostAway = 6;

/** @param backends name and port of each; they never go away. */
export async function createWorld(folder: string, random: Random, backends: readonly { readonly name: string; readonly port: number }[]): Promise<World> {
  const unitFolder = join(folder, 'units');
  await mkdir(unitFolder, { recursive: true });
  const all: Unit[] = Array.from({ length: units }, (_, index) => ({
    name: `u${index}`,
    generation: 0,
    backend: index % backends.length,
    isThere: true,
    expected: [],
  }));

  const fileOf = ({ name }: Unit): string => join(unitFolder, `${name}.yaml`);
  const textOf = ({ name, generation, backend }: Unit): string => {
    const service = `${name}-${generation}`;
    return [routeYaml(name, { [service]: 1 }, `/${name}`), serviceYaml(service, [backends[backend]?.port ?? 0])].join('\n---');
  };
  async function put(file: string, text: string): Promise<void> {
    const next = join(folder, '..', 'next');
    await writeFile(next, text);
    await rename(next, file);
  }
  /** As an editor that writes in place, slowly: what is there meanwhile ends in the middle of an object. */
  async function putSlowly(file: string, text: string): Promise<void> {
    await writeFile(file, text.slice(0, text.lastIndexOf('[')));
    await sleep(random.next() * 60);
    await writeFile(file, text);
  }
  /** What comes is allowed from before it is written on. */
  function expect(unit: Unit): void {
    const answer = unit.isThere ? (backends[unit.backend]?.name ?? '') : noRoute;
    if (unit.expected.at(-1)?.answer !== answer) unit.expected.push({ at: performance.now(), answer });
  }

  await put(join(folder, 'gateway.yaml'), gatewayYaml);
  for (const unit of all) {
    expect(unit);
    await put(fileOf(unit), textOf(unit));
  }

  return {
    paths: all.map(({ name }) => `/${name}`),
    async edit() {
      const unit = random.pick(all);
      const dice = random.next();
      const canGo = all.filter(({ isThere }) => !isThere).length < mostAway;
      if (unit.isThere && dice < 0.15 && canGo) {
        unit.isThere = false;
        expect(unit);
        await rm(fileOf(unit));
        return `${unit.name} removed`;
      }
      if (dice < 0.6) unit.generation += 1;
      if (dice > 0.4) unit.backend = Math.floor(random.next() * backends.length);
      unit.isThere = true;
      expect(unit);
      await (random.chance(0.2) ? putSlowly : put)(fileOf(unit), textOf(unit));
      return `${unit.name} leads to ${unit.name}-${unit.generation} at ${backends[unit.backend]?.name}`;
    },
    allowed(path, from) {
      const { expected } = all.find(({ name }) => `/${name}` === path) ?? { expected: [] };
      return new Set(expected.filter((_, index) => (expected[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= from).map(({ answer }) => answer));
    },
    async wipe() {
      await rm(unitFolder, { recursive: true });
      await mkdir(unitFolder);
    },
  };
}
