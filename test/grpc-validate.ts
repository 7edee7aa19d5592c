import { createRequire } from 'node:module';
import { register } from '@grpc/grpc-js-xds';
import { type ResourceType, resourceTypes, type Snapshot, typeUrls } from '../src/resource.ts';

interface GrpcResourceType {
  decode(context: object, resource: { type_url: string; value: Buffer }): { readonly name: string; readonly error?: string };
}

const require = createRequire(import.meta.url);
const typeOf = (file: string, name: string): GrpcResourceType => require(`@grpc/grpc-js-xds/build/src/xds-resource-type/${file}`)[name].get();

/** What the second client, `@grpc/grpc-js-xds`, reads each type with. It knows no secrets. */
const readers: Partial<Record<ResourceType, GrpcResourceType>> = {
  listeners: typeOf('listener-resource-type', 'ListenerResourceType'),
  routes: typeOf('route-config-resource-type', 'RouteConfigurationResourceType'),
  clusters: typeOf('cluster-resource-type', 'ClusterResourceType'),
  endpoints: typeOf('endpoint-resource-type', 'EndpointResourceType'),
};

/** What a gRPC client says of the resources of a snapshot that it would refuse: its own check, without a connection. */
export function refusedByGrpc({ resources }: Snapshot): readonly string[] {
  register();
  const context = { server: undefined, bootstrap: { certificateProviders: {} } };
  return resourceTypes.flatMap((type) =>
    [...resources[type].values()].flatMap(({ name, bytes }) => {
      const result = readers[type]?.decode(context, { type_url: typeUrls[type], value: Buffer.from(bytes) });
      if (result?.name === name && result.error === undefined) return [];
      return [`${type} ${name}: ${result?.error ?? 'not known to gRPC'}`];
    }),
  );
}
