import type { ObjectOf } from '../../kind/index.ts';
import type { IngressReading } from '../../nginx/ingress-reading.ts';
import type { FieldPath, Stored } from '../../store/stored.ts';

/** Where an Ingress sends requests. */
export type IngressBackend = NonNullable<ObjectOf<'Ingress'>['spec']['defaultBackend']>;

/** An Ingress that is served, with what its annotations say. */
export interface ReadIngress {
  readonly ingress: Stored<'Ingress'>;
  readonly reading: IngressReading;
}

/** One path of one host name: what nginx calls a location. */
export interface Location extends ReadIngress {
  /** As written, `/` where nothing is. */
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: IngressBackend;
  /** The rule's path. */
  readonly field: FieldPath;
  readonly backendField: FieldPath;
}

/** All locations of one host name: what nginx calls a server. */
export interface Server {
  /** `*` for rules without a host. */
  readonly host: string;
  /** Where the host name is written first. */
  readonly first: ReadIngress;
  readonly hostField: FieldPath;
  /** Oldest first; a path and type that is there already is not taken again. */
  readonly locations: readonly Location[];
}
