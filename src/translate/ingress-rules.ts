import { diagnostic } from '../diagnostic.ts';
import type { PathMatch, RouteAction, RouteMatch } from '../ir/route.ts';
import type { ObjectOf } from '../kind/index.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import { pathPrefix } from './http-route.ts';
import { checkRegex, quoted } from './regex.ts';
import type { RouteContext } from './route-context.ts';
import { retryOf } from './traffic/retries.ts';
import { ruleTraffic } from './traffic/scope.ts';
import { sessionOf } from './traffic/session.ts';
import { timeoutsOf } from './traffic/timeouts.ts';
import { trafficWrittenAt } from './traffic/written.ts';

type IngressSpec = ObjectOf<'Ingress'>['spec'];
type IngressBackend = NonNullable<IngressSpec['defaultBackend']>;

/** One path of one host name of an Ingress. */
export interface IngressPath {
  /** `*` for rules without a host. */
  readonly host: string;
  readonly match: RouteMatch;
  /** What answers where HTTPS is not asked for first. */
  readonly action: RouteAction;
  readonly field: FieldPath;
}

/**
 * The paths of an Ingress. Path types: `Exact`; `Prefix` by whole path elements; `ImplementationSpecific` by characters, as
 * ingress-nginx does. A backend that cannot be resolved is answered with 503, as ingress-nginx does.
 * `spec.defaultBackend` takes what the Ingress's own host names have no path for, or every host name if it has no rules.
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
 */
export function ingressPaths(ingress: Stored<'Ingress'>, context: RouteContext): readonly IngressPath[] {
  const rules = ingress.object.spec.rules ?? [];
  const defaultBackend = ingress.object.spec.defaultBackend;
  const paths = rules.flatMap((rule, ruleIndex) => {
    const host = rule.host || '*';
    const ruleField = ['spec', 'rules', ruleIndex];
    const headers = hostConditions(ingress, host, [...ruleField, 'host'], context);
    return (rule.http?.paths ?? []).map(({ path, pathType, backend }, index): IngressPath => {
      const field = [...ruleField, 'http', 'paths', index];
      const match = { path: pathOf(pathType, path || '/'), headers, query: [] };
      return { host, match, action: actionOf(ingress, backend, [...field, 'backend'], context), field };
    });
  });
  if (!defaultBackend) return paths;
  const field = ['spec', 'defaultBackend'];
  const action = actionOf(ingress, defaultBackend, field, context);
  const hosts = rules.length === 0 ? ['*'] : [...new Set(rules.map(({ host }) => host || '*'))];
  const open = hosts.filter((host) => !paths.some((one) => one.host === host && one.match.path.type === 'prefix' && one.match.path.value === '/'));
  const rest = open.map((host): IngressPath => {
    const ruleIndex = rules.findIndex((rule) => (rule.host || '*') === host);
    const headers = hostConditions(ingress, host, ['spec', 'rules', ruleIndex, 'host'], context);
    return { host, match: { path: { type: 'prefix', value: '/' }, headers, query: [] }, action, field };
  });
  return [...paths, ...rest];
}

/**
 * `*.example.com` means one label here, as Kubernetes says; Envoy's wildcard takes any number.
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
 */
function hostConditions(ingress: Stored<'Ingress'>, host: string, field: FieldPath, { report }: RouteContext): RouteMatch['headers'] {
  if (!host.startsWith('*.')) return [];
  const value = `(?i)[^.]+${quoted(host.slice(1))}(:[0-9]+)?`;
  checkRegex(value, () => ingress.origin(field), report);
  return [{ name: ':authority', type: 'regex', value }];
}

function pathOf(pathType: string | undefined, path: string): PathMatch {
  if (pathType === 'Exact') return { type: 'exact', value: path };
  return pathType === 'Prefix' ? pathPrefix(path) : { type: 'prefix', value: path };
}

function actionOf(
  ingress: Stored<'Ingress'>,
  { service, resource }: IngressBackend,
  field: FieldPath,
  { view, resolver, traffic, report, collect }: RouteContext,
): RouteAction {
  const port = service?.port?.number || service?.port?.name;
  if (!service || !port) {
    const what = service ? `Service ${service.name} without a port` : `${resource?.kind ?? 'nothing'} ${resource?.name ?? ''}`.trim();
    const message = `The backend is ${what}, which cannot take requests, so they are answered with 503.`;
    report(diagnostic('UnsupportedBackend', ingress.origin(field), message, 'Name a Service and its port.'));
    return { type: 'respond', status: 503 };
  }
  const at = ingress.origin([...field, 'service']);
  const backend = resolver.resolve({ kind: 'Service', namespace: ingress.namespace, name: service.name, port }, { grpc: false, at });
  if (!backend) return { type: 'respond', status: 503 };
  collect(backend);
  const { type, hashOn } = backend.loadBalancer;
  const { namespace, name } = ingress;
  const { rule } = ruleTraffic(traffic, [{ kind: 'Ingress', namespace, name }], [{ namespace, name: service.name }], () => at, report);
  const session = sessionOf(rule.spec, undefined, { namespace, view, at: () => rule.origin('sessionAffinity') ?? at, report });
  return {
    type: 'forward',
    backends: [{ cluster: backend.name, weight: 1, origins: [at] }],
    mirrors: [],
    timeouts: timeoutsOf(rule.spec, undefined, false),
    retry: retryOf(rule.spec, undefined, false),
    ...trafficWrittenAt(rule, {}, () => at),
    hashOn: type === 'RingHash' || type === 'Maglev' ? hashOn : [],
    ...(session ? { session } : {}),
  };
}
