import type { Diagnostic } from '../diagnostic.ts';
import type { IngressSettings } from '../settings.ts';
import type { StoreView } from '../store/view.ts';
import type { AttachedRoutes } from '../translate/attachment.ts';

/** What is known of the objects of a cluster, and of the Envoys that they are for. */
export interface Facts {
  /** The objects as the last build saw them. */
  readonly view: StoreView;
  readonly attachedRoutes: AttachedRoutes;
  readonly diagnostics: readonly Diagnostic[];
  readonly groups: ReadonlyMap<string, GroupFacts>;
  readonly ingress: Partial<IngressSettings>;
  /** Where clients find the Envoys: IP addresses and host names. Undefined: nobody says so, and it is left as it is. */
  readonly addresses?: readonly string[];
  /** The same of Gateways with Envoys of their own, by uid. One that is not in it is left as it is. */
  readonly gatewayAddresses: ReadonlyMap<string, readonly string[]>;
}

/** How far the Envoys of a group are: of one replica of Sluice, or of all. */
export interface GroupFacts {
  /** How many are connected. */
  readonly envoys: number;
  /** How many of them have all that the objects ask for, but for what they refuse. */
  readonly acknowledged: number;
  /** The revision that the objects ask for, the same on every replica that has the same objects. Undefined: none. */
  readonly revision?: string;
  /** Why not all get it: the end of a sentence. Undefined: they do. */
  readonly held?: string;
}

/** Whether an object of this uid was in force in all Envoys once, in this generation. */
export type WasProgrammed = (uid: string, generation: number) => boolean;
