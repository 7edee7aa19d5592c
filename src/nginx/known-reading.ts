import { createSlot } from '../memo/slot.ts';
import { notingView } from '../store/noting-view.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { Controller } from './controller.ts';
import { type IngressReading, readIngress } from './ingress-reading.ts';

interface Known {
  readonly controller: Controller;
  /** Whether the view would give again all that the reading asked it for. */
  readonly holds: (view: StoreView) => boolean;
  readonly reading: IngressReading;
}

const known = createSlot<Stored<'Ingress'>, Known>();

/** What the annotations of an Ingress say: the reading of the build before, where the Ingress, the controller and all that was looked up are the same. */
export function knownReading(ingress: Stored<'Ingress'>, controller: Controller, view: StoreView): IngressReading {
  const before = known.get(ingress);
  if (before?.controller === controller && before.holds(view)) return before.reading;
  const asked: { readonly given: unknown; readonly again: (view: StoreView) => unknown }[] = [];
  const noting = notingView(view, (given, again) => {
    asked.push({ given, again });
    return given;
  });
  const reading = readIngress(ingress, controller, noting);
  known.set(ingress, { controller, reading, holds: (now) => asked.every(({ given, again }) => again(now) === given) });
  return reading;
}
