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
  /** `/` where nothing is written. On a host name with expressions it is one, and has the `/` at its end that ingress-nginx gives it. */
  readonly path: string;
  /** As the Ingress has it, where that is not `path`. */
  readonly writtenPath?: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: IngressBackend;
  /** The rule's path. */
  readonly field: FieldPath;
  readonly backendField: FieldPath;
  /** Whose Service it is. Undefined: of the Ingress's own namespace. */
  readonly backendNamespace?: string;
  /** It has no backend: it is what no path takes, and is answered with 404. */
  readonly isRest?: true;
  /** Further backends of the same path in the same Ingress, which Alibaba's ACK splits requests among. */
  readonly others?: readonly Pick<Location, 'backend' | 'backendField'>[];
}

/** Where the Service of a location is. */
export function backendNamespaceOf({ ingress, backendNamespace }: Pick<Location, 'ingress' | 'backendNamespace'>): string {
  return backendNamespace ?? ingress.namespace;
}

/** All locations of one host name: what nginx calls a server. */
export interface Server {
  /** `*` for rules without a host. */
  readonly host: string;
  /** Where the host name is written first. */
  readonly first: ReadIngress;
  readonly hostField: FieldPath;
  /** Whether all paths are expressions, because one of them is. */
  readonly usesRegex: boolean;
  /** RE2 that the whole host that a request asks for must fit, port included. Undefined: the host name says it all. */
  readonly authority?: string;
  /** Among those that stand under one host, the larger number is asked first: 0 usually. */
  readonly order: number;
  /** Oldest first; a path and type that is there already is not taken again. */
  readonly locations: readonly Location[];
}
