import { type Origin, placeOf } from '../diagnostic.ts';

/** An origin in full: `file:line:column KIND NAMESPACE/NAME`, or its object and field where it is in no file. */
export function originWords(origin: Origin): string {
  return origin.file === undefined || origin.object === undefined ? placeOf(origin) : `${placeOf(origin)} ${origin.object}`;
}
