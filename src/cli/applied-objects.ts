import { keyText } from '../store/sink.ts';
import type { Stored } from '../store/stored.ts';
import type { ObjectsRead } from './read-folders.ts';

/**
 * A cluster as it is once somebody applied the objects of folders: each takes the place of the one that is there, and its age,
 * by which it wins over others or loses.
 */
export function appliedTo(cluster: ObjectsRead, folders: ObjectsRead): ObjectsRead {
  const there = new Map(cluster.objects.map((object) => [keyText(object), object]));
  const applied = folders.objects.map((object): Stored => ({ ...object, age: there.get(keyText(object))?.age ?? object.age }));
  for (const object of applied) there.delete(keyText(object));
  return { objects: [...applied, ...there.values()], diagnostics: [...folders.diagnostics, ...cluster.diagnostics] };
}
