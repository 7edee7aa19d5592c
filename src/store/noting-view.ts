import type { Kind } from '../kind/index.ts';
import { kindKey, objectKey, slicesKey } from './changes.ts';
import type { StoreView } from './view.ts';

/** Takes down what was given, how to ask for it again, and the key of what has to change for something else to be given; gives it on. */
export type Note<From> = <Given>(given: Given, again: (from: From) => unknown, key: string) => Given;

/**
 * The same view; everything that is asked of it is noted, so that one can see later whether it would be given again. What is noted is kept for long: it does not
 * hold on to the view, with which all states of the store since would stay.
 */
export function notingView(view: StoreView, note: Note<StoreView>): StoreView {
  return {
    get: <K extends Kind>(kind: K, namespace: string, name: string) =>
      note(view.get(kind, namespace, name), objectAgain(kind, namespace, name), objectKey(kind, namespace, name)),
    list: <K extends Kind>(kind: K) => note(view.list(kind), listAgain(kind), kindKey(kind)),
    endpointSlices: (namespace, service) => note(view.endpointSlices(namespace, service), slicesAgain(namespace, service), slicesKey(namespace, service)),
  };
}

const objectAgain = (kind: Kind, namespace: string, name: string) => (now: StoreView) => now.get(kind, namespace, name);
const listAgain = (kind: Kind) => (now: StoreView) => now.list(kind);
const slicesAgain = (namespace: string, service: string) => (now: StoreView) => now.endpointSlices(namespace, service);
