import { diagnostic, type Origin, type Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import { controllerFlags } from '../../nginx/controller-flags.ts';
import { readNothing } from '../../nginx/ingress-reading.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location, ReadIngress, Server } from './location.ts';

/** The first port of the Service that `--default-backend-service` names. */
interface DefaultBackend {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/**
 * The host names of all Ingresses, where each that has no path for everything sends the rest to the default backend, and one that takes all other host names.
 * The rest of a host name has the annotations of the Ingress that names it first, as behind ingress-nginx; the rest of all host names has none.
 * Without `--default-backend-service` they stay as they are. Gives `BackendNotFound`.
 * @param oldest the Ingress that stands for all host names; none where there is no Ingress.
 */
export function withDefaultBackend(
  servers: readonly Server[],
  [oldest]: readonly Stored<'Ingress'>[],
  context: Pick<FeatureContext, 'view' | 'controller'>,
  report: Report,
): readonly Server[] {
  const { view, controller } = context;
  const backend = defaultBackendOf(context);
  if (backend === undefined || !oldest) return servers;
  if (typeof backend === 'string') {
    report(diagnostic('BackendNotFound', flagOrigin(view), `${backend}, so what no Ingress takes is answered with 404.`, 'Create it, or remove the flag.'));
    return servers;
  }
  const everywhere: ReadIngress = { ingress: oldest, reading: readNothing(controller, view) };
  const others: Server = { host: '*', first: everywhere, hostField: [], usesRegex: false, order: 0, locations: [] };
  return (servers.some(({ host }) => host === '*') ? servers : [...servers, others]).map((server) => {
    if (server.locations.some(({ path, pathType }) => path === '/' && pathType !== 'Exact')) return server;
    const first = server.host === '*' ? { ...server.first, reading: everywhere.reading } : server.first;
    return { ...server, locations: [...server.locations, restOf(backend, first, server)] };
  });
}

/** The default backend as one that is asked for error pages. Undefined: there is none. */
export function defaultErrorBackend(context: FeatureContext): Backend | undefined {
  const backend = defaultBackendOf(context);
  if (backend === undefined || typeof backend === 'string') return undefined;
  const resolved = context.resolver.resolve({ kind: 'Service', ...backend }, { grpc: false, at: flagOrigin(context.view) });
  if (resolved) context.collect(resolved);
  return resolved;
}

/** A text: why it cannot be had. Undefined: none is asked for. */
function defaultBackendOf({ view, controller }: Pick<FeatureContext, 'view' | 'controller'>): DefaultBackend | string | undefined {
  const [namespace, name] = controller.flags.defaultBackend?.split('/') ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const port = view.get('Service', namespace, name)?.object.spec.ports?.[0]?.port;
  return port === undefined ? `The default backend, Service ${namespace}/${name}, does not exist or has no port` : { namespace, name, port };
}

function restOf({ namespace, name, port }: DefaultBackend, first: ReadIngress, { hostField }: Server): Location {
  const backend = { service: { name, port: { number: port } } };
  return { ...first, path: '/', pathType: 'Prefix', backend, field: hostField, backendField: hostField, backendNamespace: namespace };
}

/** Where the flag is written; empty where it was given to Sluice itself. */
function flagOrigin(view: StoreView): Origin {
  const { workload, written } = controllerFlags(view);
  const flag = written.find(({ name }) => name === 'default-backend-service');
  return (flag && workload?.origin(flag.field)) ?? {};
}
