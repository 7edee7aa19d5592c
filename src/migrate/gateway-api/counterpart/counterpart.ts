import type { ReadIngress } from '../../../translate/ingress/location.ts';
import type { Scene } from '../../scene.ts';

/** A family of annotations that HTTPRoutes and policies of Sluice have words for. */
export interface Counterpart {
  /** Its annotations and settings, without the prefix of annotations. */
  readonly names: readonly string[];
  /** Why what an Ingress says with them cannot be said. Undefined: it can. */
  readonly obstacle?: (read: ReadIngress, scene: Scene) => string | undefined;
  /** What is done in another way, for a person: sentences without their stop. */
  readonly told?: (read: ReadIngress, scene: Scene) => readonly string[];
}
