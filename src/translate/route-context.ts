import type { Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Changes } from '../store/changes.ts';
import type { StoreView } from '../store/view.ts';
import type { BackendResolver } from './backend.ts';
import type { TrafficPolicies } from './traffic/policies.ts';
import type { TrafficScope } from './traffic/scope.ts';

/** What translations read from. */
export interface Reading {
  readonly view: StoreView;
  readonly resolver: BackendResolver;
  readonly policies: TrafficPolicies;
  /** What is different from the translation before. */
  readonly changes: Changes;
}

/** What the translation of a route needs besides the route. */
export interface RouteContext {
  readonly view: StoreView;
  readonly resolver: BackendResolver;
  readonly traffic: TrafficScope;
  readonly report: Report;
  /** Told of every backend that the routes may choose, mirrors included; the caller puts them into its group, each once. */
  readonly collect: (backend: Backend) => void;
}
