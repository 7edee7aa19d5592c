import { diagnostic } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { BackendReference } from '../kind/gateway/references.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import { checkGrant } from './reference-grant.ts';
import type { RouteContext } from './route-context.ts';

interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** A route of Gateway API. */
export type RouteObject = Stored<'HTTPRoute'> | Stored<'GRPCRoute'>;

/**
 * The backend that a route refers to; it is collected for the group.
 * Undefined: reported (`UnsupportedBackend`, `RefNotPermitted`, or whatever the resolver finds) and to be answered with an error.
 */
export function referredBackend(owner: RouteObject, ref: BackendReference, path: FieldPath, grpc: boolean, context: RouteContext): Backend | undefined {
  const { view, resolver, report, collect } = context;
  const group = ref.group ?? '';
  const kind = ref.kind ?? 'Service';
  const namespace = ref.namespace ?? owner.namespace;
  const target = targetKind(group, kind);
  if (target === undefined || ref.port === undefined) {
    const what = target === undefined ? `${kind} of the API group "${group}" cannot take requests` : `a reference to a ${kind} needs a port`;
    report(
      diagnostic(
        'UnsupportedBackend',
        owner.origin(path),
        `${sentence(what)}, so its share is answered with an error.`,
        'Refer to a port of a Service or of a Backend.',
      ),
    );
    return undefined;
  }
  const from = { group: 'gateway.networking.k8s.io', kind: owner.kind, namespace: owner.namespace };
  if (!checkGrant(view, from, { group, kind, namespace, name: ref.name }, () => owner.origin(path), report)) return undefined;
  const backend = resolver.resolve({ kind: target, namespace, name: ref.name, port: ref.port }, { grpc, at: owner.origin(path) });
  if (backend) collect(backend);
  return backend;
}

/** The Service that a route refers to, whether it exists or not. Undefined: it refers to something else. */
export function referredService(owner: RouteObject, { group = '', kind = 'Service', namespace, name }: BackendReference): ServiceName | undefined {
  return targetKind(group, kind) === 'Service' ? { namespace: namespace ?? owner.namespace, name } : undefined;
}

function targetKind(group: string, kind: string): 'Service' | 'Backend' | undefined {
  if (group === '' && kind === 'Service') return 'Service';
  return group === 'gateway.sluice.dev' && kind === 'Backend' ? 'Backend' : undefined;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
