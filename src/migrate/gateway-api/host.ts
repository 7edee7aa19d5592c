import type { Stored } from '../../store/stored.ts';
import type { CanaryOf } from '../../translate/ingress/canaries.ts';
import type { IngressBackend, Server } from '../../translate/ingress/location.ts';
import type { TlsHost } from '../../translate/ingress/tls.ts';
import type { Scene } from '../scene.ts';
import type { Places } from './places.ts';

/** An object, or a part of one, as it is written. */
export type Written = Readonly<Record<string, unknown>>;

/** A host name with all that stands at it. */
export interface Host {
  readonly server: Server;
  readonly places: Places;
  /** Undefined: it has plain HTTP alone. */
  readonly certificate: TlsHost | undefined;
  readonly canaryOf: CanaryOf;
  readonly ingresses: readonly Stored<'Ingress'>[];
  /** All its requests are sent to this host name. Undefined: its locations take them. */
  readonly sentTo?: string;
}

/** The number of a port. Undefined: the Service does not have it. */
export function portOf(namespace: string, { service }: IngressBackend, { view }: Scene): number | undefined {
  const ports = service && view.get('Service', namespace, service.name)?.object.spec.ports;
  return ports?.find(({ port, name }) => port === service?.port?.number || (name !== undefined && name === service?.port?.name))?.port;
}
