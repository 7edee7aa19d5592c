import { parseAllDocuments } from 'yaml';
import { type Kind, kinds } from '../../src/kind/index.ts';
import type { Stored } from '../../src/store/stored.ts';
import type { StoreView } from '../../src/store/view.ts';

/** Objects from YAML as a user writes it, in order of age. An origin is the object and the field. @throws {Error} where an object is not valid. */
export function objectsOf(yaml: string): Stored[] {
  return parseAllDocuments(yaml).flatMap((document, index) => {
    const raw: unknown = document.toJS();
    if (raw === null) return [];
    const kind = (raw as { kind: Kind }).kind;
    const { schema, namespaced } = kinds[kind];
    const object = schema.parse(raw);
    const { name, namespace = 'default' } = object.metadata;
    const place = namespaced ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
    const origin = (path: readonly (string | number)[] = []) => ({ object: place, ...(path.length > 0 && { field: path.join('.') }) });
    return [{ kind, namespace: namespaced ? namespace : '', name, object, age: String(index).padStart(4, '0'), origin } as Stored];
  });
}

/** An object with a namespace and one without, as a cluster has them: `HTTPRoute billing/shop` and `GatewayClass sluice`. */
export const routeAndClass = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: billing, uid: uid-1}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: sluice, uid: uid-2}
spec: {controllerName: gateway.sluice.dev/controller}
`;

/** A view of just these objects. */
export function fakeView(objects: readonly Stored[]): StoreView {
  const list = <K extends Kind>(kind: K): readonly Stored<K>[] => objects.filter((object) => object.kind === kind) as unknown as readonly Stored<K>[];
  return {
    list,
    get: (kind, namespace, name) => list(kind).find((object) => object.namespace === namespace && object.name === name),
    endpointSlices: (namespace, service) =>
      list('EndpointSlice').filter((slice) => slice.namespace === namespace && slice.object.metadata.labels?.['kubernetes.io/service-name'] === service),
  };
}
