import { diagnostic } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import type { RouteAction, WeightedBackend } from '../../ir/route.ts';
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
import { annotationsWrittenAt, wishesWrittenAt } from './written.ts';

type ServiceLocation = Pick<Location, 'ingress' | 'reading' | 'backend' | 'backendField' | 'backendNamespace'>;

/** A backend, and how a route refers to it. */
interface ServedBackend {
  readonly backend: Backend;
  readonly share: Pick<WeightedBackend, 'cluster' | 'writtenAt'>;
}

/** The backend of a Service that an Ingress names. Undefined: reported, and requests to it cannot be served. Gives `UnsupportedBackend`, and what backends give. */
export function serviceBackend(location: ServiceLocation, context: FeatureContext): ServedBackend | undefined {
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
  const ofUpstream = context.upstreamReadingOf(location);
  const wishes = wishesOf(location, ofUpstream, context);
  if (!wishes) return undefined;
  const at = ingress.origin([...field, 'service']);
  const backend = resolver.resolve({ kind: 'Service', namespace: backendNamespaceOf(location), name: service.name, port }, { grpc: false, at, wishes });
  if (!backend) return undefined;
  collect(backend);
  const writtenAt = wishesWrittenAt(location.reading, ofUpstream);
  return { backend, share: { cluster: backend.name, ...(writtenAt && { writtenAt }) } };
}

/** Requests of a location go to its Service; one that cannot be resolved is answered with 503, as ingress-nginx does. Gives `UnsupportedBackend`, and what backends give. */
export function backendAction(location: Location, context: FeatureContext): RouteAction {
  const served = serviceBackend(location, context);
  const { ingress, backend: target, backendField } = location;
  if (!served || !target.service) return { type: 'respond', status: 503 };
  const { view, traffic, report } = context;
  const at = ingress.origin([...backendField, 'service']);
  const { type, hashOn } = served.backend.loadBalancer;
  const { namespace, name } = ingress;
  const { rule } = ruleTraffic(traffic, [{ kind: 'Ingress', namespace, name }], servicesOf(location, context), () => at, report);
  const session = sessionOf(rule.spec, undefined, { namespace, view, at: () => rule.origin('sessionAffinity') ?? at, report });
  const config = location.reading.of(proxy);
  const times = config && timesOf(config, context.controller);
  return {
    type: 'forward',
    backends: [{ ...served.share, weight: 1, origins: [at] }],
    mirrors: [],
    timeouts: timeoutsOf(rule.spec, undefined, false, times?.timeouts),
    retry: retryOf(rule.spec, undefined, false, times?.retry),
    ...trafficWrittenAt(rule, undefined, annotationsWrittenAt(location.reading)),
    hashOn: type === 'RingHash' || type === 'Maglev' ? hashOn : [],
    ...(session ? { session } : {}),
  };
}

/** The Services that may get requests of a location: its own, its canary, and those that share the path. */
function servicesOf(location: Location, { canaryOf }: FeatureContext): readonly { readonly namespace: string; readonly name: string }[] {
  const { others = [], ...own } = location;
  const all = [own, ...others.map((other) => ({ ...own, ...other })), canaryOf(location)];
  return all.flatMap((one) => (one?.backend.service ? [{ namespace: backendNamespaceOf(one), name: one.backend.service.name }] : []));
}

function timesOf(config: ProxyConfig, controller: Controller): ReturnType<typeof proxyTimes> {
  const { value } = controller;
  return proxyTimes(retriedBy(controller, config), !value('retry-non-idempotent'), value('client-body-timeout') * 1000);
}

/** With `--ingress-retries recipe` a try that took too long is not made again: the backend may be at work on it. */
function retriedBy({ flags }: Controller, config: ProxyConfig): ProxyConfig {
  return flags.retries === 'nginx' ? config : { ...config, nextUpstream: config.nextUpstream.filter((word) => word !== 'timeout') };
}
