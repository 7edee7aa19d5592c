import { statusKinds } from '../conditions/wanted.ts';
import { createLiveObjects, type LiveObjects } from '../kubernetes/live-objects.ts';

/** The objects whose status is written, as the source hears of them from now on. */
export function createStatusObjects(): LiveObjects {
  return createLiveObjects(new Set(statusKinds));
}
