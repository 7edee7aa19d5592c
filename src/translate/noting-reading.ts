import { notingView } from '../store/noting-view.ts';
import type { Reading } from './route-context.ts';

/** What translations look up. */
type LookedUp = Pick<Reading, 'view' | 'resolver'>;

/**
 * Something that a translation looked up: whether the same would be found now. To look again may report what was reported the first time, so
 * looks are repeated in their order, up to the first that finds something else: a translation that is made anew then repeats them too.
 */
export type Look<From = LookedUp> = (now: From) => boolean;

/** The same to read from; what is looked up is noted. */
export function notingReading({ view, resolver }: LookedUp, looks: Pick<Look[], 'push'>): LookedUp {
  const resolved = new Set<string>();
  const note = <Given>(given: Given, again: (now: LookedUp) => unknown): Given => {
    looks.push((now) => again(now) === given);
    return given;
  };
  return {
    view: notingView(view, (given, again) => note(given, (now) => again(now.view))),
    resolver: {
      resolve(ref, options) {
        const given = resolver.resolve(ref, options);
        // Many paths lead to one backend. Once found it says nothing of the place that refers to it, so one look stands for all.
        const key = given && Object.keys(options.wishes ?? {}).length === 0 ? JSON.stringify([ref, options.grpc]) : undefined;
        if (key !== undefined && resolved.has(key)) return given;
        if (key !== undefined) resolved.add(key);
        return note(given, (now) => now.resolver.resolve(ref, options));
      },
      life: (backend) => note(resolver.life(backend), (now) => now.resolver.life(backend)),
      secrets: (backend) => note(resolver.secrets(backend), (now) => now.resolver.secrets(backend)),
    },
  };
}
