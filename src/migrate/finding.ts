import type { Origin } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import type { Level } from './level.ts';

/** What the report says of one thing. */
export interface Finding {
  readonly level: Level;
  /** What ingress-nginx does, and what Sluice does. */
  readonly message: string;
  /** A request whose answer changes, or that shows what is meant. Undefined where nothing changes. */
  readonly example?: string;
  readonly remedy?: string;
}

/** Of an Ingress. */
export interface IngressFinding extends Finding {
  readonly ingress: Stored<'Ingress'>;
  /** As it is written, without the prefix of ingress-nginx. Null: it is about no annotation. */
  readonly annotation: string | null;
  /** Where it is written. */
  readonly at: Origin;
}

/** Of a key of the ConfigMap of the controller, or of one of its flags. */
export interface SettingFinding extends Finding {
  readonly key: string;
  readonly at: Origin;
}
