import { decode } from '../../src/proto/codec.ts';
import type { Resource } from '../../src/resource.ts';

/** A listener on the port of another one is refused, in the words of Envoy. */
export function cannotBind(resource: Resource, held: ReadonlyMap<string, Resource>): string | undefined {
  if (resource.type !== 'listeners') return undefined;
  const port = portOf(resource);
  const isTaken = [...held.values()].some((other) => other.name !== resource.name && portOf(other) === port);
  return isTaken ? `error adding listener: '${resource.name}' has duplicate address '127.0.0.1:${port}' as existing listener` : undefined;
}

const portOf = ({ bytes }: Resource) => decode('envoy.config.listener.v3.Listener', bytes).address?.socket_address?.port_value;
