import { diagnostic } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import type { RouteAction } from '../../ir/route.ts';
import type { Controller } from '../../nginx/controller.ts';
import { type ProxyConfig, proxy } from '../../nginx/family/proxy.ts';
import { retryOf } from '../traffic/retries.ts';
import { ruleTraffic } from '../traffic/scope.ts';
import { sessionOf } from '../traffic/session.ts';
import { timeoutsOf } from '../traffic/timeouts.ts';
import { trafficWrittenAt } from '../traffic/written.ts';
import type { FeatureContext } from './feature/feature.ts';
import { backendNamespaceOf, type Location } from './location.ts';
import { proxyTimes } from './proxy-times.ts';
import { wishesOf } from './wishes.ts';

type ServiceLocation = Pick<Location, 'ingress' | 'reading' | 'backend' | 'backendField' | 'backendNamespace'>;

/** The backend of a Service that an Ingress names. Undefined: reported, and requests to it cannot be served. Gives `UnsupportedBackend`, and what backends give. */
export function serviceBackend(location: ServiceLocation, context: FeatureContext): Backend | undefined {
  const { resolver, report, collect } = context;
  const {
    ingress,
    backend: { service, resource },
    backendField: field,
  } = location;
  const port = service?.port?.number || service?.port?.name;
  if (!service || !port) {
    const what = service ? `Service ${service.name} without a port` : `${resource?.kind ?? 'nothing'} ${resource?.name ?? ''}`.trim();
    const message = `The backend is ${what}, which cannot take requests, so they are answered with 503.`;
    report(diagnostic('UnsupportedBackend', ingress.origin(field), message, 'Name a Service and its port.'));
    return undefined;
  }
  const wishes = wishesOf(location, context);
  if (!wishes) return undefined;
  const at = ingress.origin([...field, 'service']);
  const backend = resolver.resolve({ kind: 'Service', namespace: backendNamespaceOf(location), name: service.name, port }, { grpc: false, at, wishes });
  if (backend) collect(backend);
  return backend;
}

/** Requests of a location go to its Service; one that cannot be resolved is answered with 503, as ingress-nginx does. Gives `UnsupportedBackend`, and what backends give. */
export function backendAction(location: Location, context: FeatureContext): RouteAction {
  const backend = serviceBackend(location, context);
  const { ingress, backend: target, backendField } = location;
  if (!backend || !target.service) return { type: 'respond', status: 503 };
  const { view, traffic, report } = context;
  const at = ingress.origin([...backendField, 'service']);
  const { type, hashOn } = backend.loadBalancer;
  const { namespace, name } = ingress;
  const { rule } = ruleTraffic(
    traffic,
    [{ kind: 'Ingress', namespace, name }],
    [{ namespace: backendNamespaceOf(location), name: target.service.name }],
    () => at,
    report,
  );
  const session = sessionOf(rule.spec, undefined, { namespace, view, at: () => rule.origin('sessionAffinity') ?? at, report });
  const config = location.reading.of(proxy);
  const times = config && proxyTimes(retriedBy(context.controller, config), !context.controller.value('retry-non-idempotent'));
  return {
    type: 'forward',
    backends: [{ cluster: backend.name, weight: 1, origins: [at] }],
    mirrors: [],
    timeouts: timeoutsOf(rule.spec, undefined, false, times?.timeouts),
    retry: retryOf(rule.spec, undefined, false, times?.retry),
    ...trafficWrittenAt(rule, {}, () => at),
    hashOn: type === 'RingHash' || type === 'Maglev' ? hashOn : [],
    ...(session ? { session } : {}),
  };
}

/** With `--ingress-retries recipe` a try that took too long is not made again: the backend may be at work on it. */
function retriedBy({ flags }: Controller, config: ProxyConfig): ProxyConfig {
  return flags.retries === 'nginx' ? config : { ...config, nextUpstream: config.nextUpstream.filter((word) => word !== 'timeout') };
}
