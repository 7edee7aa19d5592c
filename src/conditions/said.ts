import type { Stored } from '../store/stored.ts';
import type { WantedCondition } from './condition.ts';
import type { WantedEntry } from './entries.ts';

/** What a route or a policy refers to, as it is repeated in its status. */
export interface Reference {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly sectionName?: string | undefined;
  readonly port?: number | undefined;
}

/** What is said of a listener of a Gateway. @see https://gateway-api.sigs.k8s.io/reference/spec/#listenerstatus */
export interface SaidOfListener {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly WantedCondition[];
}

/** All that Sluice has to say in the `status` of an object, by the form that its kind has. */
export type Said =
  | { readonly type: 'conditions'; readonly conditions: readonly WantedCondition[] }
  | {
      readonly type: 'gateway';
      readonly conditions: readonly WantedCondition[];
      readonly listeners: readonly SaidOfListener[];
      /** Undefined: nobody says where clients find the Gateway. */
      readonly addresses?: readonly string[];
    }
  /** Of a route, for each parent. */
  | { readonly type: 'parents'; readonly entries: readonly WantedEntry<{ readonly parentRef: Reference }>[] }
  /** Of a policy, for each thing that it holds for. */
  | { readonly type: 'ancestors'; readonly entries: readonly WantedEntry<{ readonly ancestorRef: Reference }>[] }
  /** Of an Ingress: where clients find it. */
  | { readonly type: 'loadBalancer'; readonly addresses: readonly string[] };

/** What is to be said of one object. */
export interface WantedStatus {
  readonly object: Stored;
  readonly uid: string;
  readonly generation: number;
  readonly said: Said;
  /** Something of it may become another in a moment, by itself: it is not worth a write yet. */
  readonly isSettling: boolean;
  /** It says that all of this generation is in force in all Envoys. */
  readonly isProgrammed: boolean;
}
