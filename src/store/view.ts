import type { Kind } from '../kind/index.ts';
import type { Stored } from './stored.ts';

/** What the pure part may ask of the store. */
export interface StoreView {
  /** One object, undefined where there is none. `namespace` is `''` for kinds without one. */
  get<K extends Kind>(kind: K, namespace: string, name: string): Stored<K> | undefined;
  /** All objects of a kind, oldest first, then by `NAMESPACE/NAME`. The same array until an object of the kind changes. */
  list<K extends Kind>(kind: K): readonly Stored<K>[];
  /** The slices of a Service (label `kubernetes.io/service-name`), oldest first. The same array until one of them changes. */
  endpointSlices(namespace: string, service: string): readonly Stored<'EndpointSlice'>[];
}
