import type { ObjectOf } from '../kind/index.ts';
import type { Stored } from '../store/stored.ts';

/** A port of a Service. */
export type ServicePort = NonNullable<ObjectOf<'Service'>['spec']['ports']>[number];

/** The ports that can take requests: those of TCP. */
export function requestPorts(service: Stored<'Service'>): readonly ServicePort[] {
  return (service.object.spec.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
}

/** A port by its number, or by its name (a name of digits is a number). Undefined: the Service has no such port for TCP. */
export function findPort(service: Stored<'Service'>, port: number | string): ServicePort | undefined {
  const ports = requestPorts(service);
  return ports.find((one) => one.name === port) ?? ports.find((one) => one.port === Number(port));
}
