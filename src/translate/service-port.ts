import type { ObjectOf } from '../kind/index.ts';
import type { Stored } from '../store/stored.ts';

/** A port of a Service. */
export type ServicePort = NonNullable<ObjectOf<'Service'>['spec']['ports']>[number];

/** The ports that can take requests: those of TCP, unless datagrams are meant. */
export function requestPorts(service: Stored<'Service'>, transport: 'TCP' | 'UDP' = 'TCP'): readonly ServicePort[] {
  return (service.object.spec.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === transport);
}

/** A port by its number, or by its name (a name of digits is a number). Undefined: the Service has no such port. */
export function findPort(service: Stored<'Service'>, port: number | string, transport?: 'TCP' | 'UDP'): ServicePort | undefined {
  const ports = requestPorts(service, transport);
  return ports.find((one) => one.name === port) ?? ports.find((one) => one.port === Number(port));
}
