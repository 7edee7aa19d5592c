import { redirect } from '../../nginx/family/redirect.ts';
import { rewrite } from '../../nginx/family/rewrite.ts';
import { strictTransportOf } from '../../translate/ingress/feature/strict-transport.ts';
import type { IngressBackend, Location, ReadIngress, Server } from '../../translate/ingress/location.ts';
import { isSpared } from '../../translate/ingress/spared.ts';
import type { Scene } from '../scene.ts';
import { conditionsOf } from './counterpart/canaries.ts';
import { corsFilters, withheldByCors } from './counterpart/cors.ts';
import { forwardedPrefixOf, headersOfAnswers, hostnameOf } from './counterpart/headers.ts';
import { mirrorFilters } from './counterpart/mirrors.ts';
import { redirectTo } from './counterpart/redirects.ts';
import { sessionsOf } from './counterpart/sessions.ts';
import { timesOf } from './counterpart/times.ts';
import { namespaceOf, sectionOf } from './gateways.ts';
import { type Host, portOf, type Written } from './host.ts';
import { byRank, type Place } from './places.ts';

/** A route has no more rules. */
const mostRules = 16;

/** A rule, with the settings of the traffic of its Ingress. */
interface Rule {
  readonly rule: Written;
  readonly traffic: Written;
}

/** The HTTPRoutes of a host name, and the TrafficPolicies for them: rules in the order in which ingress-nginx tries its locations. */
export function routesOf(host: Host, gateway: string, scene: Scene): readonly Written[] {
  const places = 'places' in host.places ? host.places.places : [];
  const schemes = host.certificate ? (['http', 'https'] as const) : (['http'] as const);
  return schemes.flatMap((scheme) => {
    if (host.sentTo !== undefined) return written([sentRule(host.sentTo, scene)], host, gateway, scheme, 0);
    const rules = [...appRootRule(host, scheme, scene), ...places.flatMap((place) => rulesOf(place, host, scheme, scene))];
    return chunks(rules, mostRules).flatMap((some, index) => written(some, host, gateway, scheme, index));
  });
}

function written(rules: readonly Rule[], host: Host, gateway: string, scheme: 'http' | 'https', index: number): readonly Written[] {
  const namespace = namespaceOf(host);
  const section = sectionOf(host.server.host, scheme);
  const name = index === 0 ? section : `${section}.${index + 1}`;
  const named = rules.map(({ rule, traffic }, at) => ({ rule: { name: `rule-${at}`, ...rule }, traffic: JSON.stringify(traffic) }));
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: {
      parentRefs: [{ name: gateway, sectionName: section }],
      ...(host.server.host === '*' ? {} : { hostnames: [host.server.host] }),
      rules: named.map(({ rule }) => rule),
    },
  };
  const policies = [...Map.groupBy(named, ({ traffic }) => traffic)]
    .filter(([traffic]) => traffic !== '{}')
    .map(([traffic, some], at) => ({
      apiVersion: 'gateway.sluice.dev/v1alpha1',
      kind: 'TrafficPolicy',
      metadata: { name: at === 0 ? name : `${name}.traffic-${at + 1}`, namespace },
      spec: {
        targetRefs: some.map(({ rule }) => ({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name, sectionName: rule.name })),
        ...(JSON.parse(traffic) as Written),
      },
    }));
  return [route, ...policies];
}

/** `/` is sent to the root of the application, whichever Ingress of the host name says so; before HTTPS is asked for, as nginx does. */
function appRootRule({ server }: Host, scheme: 'http' | 'https', scene: Scene): readonly Rule[] {
  const location = byRank(server, server.locations).find(({ reading }) => reading.of(rewrite)?.appRoot !== undefined);
  const replaceFullPath = location?.reading.of(rewrite)?.appRoot;
  if (!location || replaceFullPath === undefined) return [];
  const requestRedirect = { path: { type: 'ReplaceFullPath', replaceFullPath }, statusCode: 302 };
  const rule = {
    matches: [{ path: { type: 'Exact', value: '/' } }],
    filters: [...transportFilter(scheme, scene), { type: 'RequestRedirect', requestRedirect }],
  };
  return [{ rule, traffic: timesOf(location.reading) }];
}

function sentRule(hostname: string, { controller }: Scene): Rule {
  return { rule: { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname, statusCode: controller.value('http-redirect-code') } }] }, traffic: {} };
}

/** Browsers are told to come by HTTPS from now on. */
function transportFilter(scheme: 'http' | 'https', scene: Scene): readonly Written[] {
  const set = transportHeader(scheme, scene);
  return set.length > 0 ? [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }] : [];
}

function transportHeader(scheme: 'http' | 'https', { controller }: Scene): readonly { readonly name: string; readonly value: string }[] {
  const value = scheme === 'https' ? strictTransportOf(controller) : undefined;
  return value === undefined ? [] : [{ name: 'Strict-Transport-Security', value }];
}

function rulesOf(place: Place, host: Host, scheme: 'http' | 'https', scene: Scene): readonly Rule[] {
  const { server, certificate, canaryOf } = host;
  const { location, path } = place;
  const { reading } = location;
  const traffic = { ...timesOf(reading), ...sessionsOf(location, host) };
  const match = { path };
  const rule = (written: Written, matches: Written = match): Rule => ({ rule: { matches: [matches], ...written }, traffic });
  const { forcesTls = false, redirectsToTls = true } = reading.of(rewrite) ?? {};
  const wantsTls = forcesTls || (redirectsToTls && certificate !== undefined);
  if (scheme === 'http' && wantsTls && !isSpared(location, scene.controller, 'no-tls-redirect-locations')) {
    const statusCode = scene.controller.value('http-redirect-code');
    return [rule({ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode } }] })];
  }
  const { to } = reading.of(redirect) ?? {};
  if (to) return [rule({ filters: [...transportFilter(scheme, scene), redirectTo(to.url, to.status)] })];
  if (location.isRest) return [];
  const filters = filtersOf(place, server, scheme, scene);
  const forward = (backends: readonly Written[]): Written => ({ filters, backendRefs: backends });
  const main = backendRef(location, location.backend, scene);
  const canary = canaryOf(location);
  if (!canary) return [...slashRule(server, location, rule), rule(forward([main]))];
  const other = backendRef(canary, canary.backend, scene);
  const { weight, weightTotal } = canary.config;
  const share = Math.min(Math.max(weight, 0), weightTotal);
  return [
    ...slashRule(server, location, rule),
    ...conditionsOf(canary.config).map(({ header, isCanary }) => rule(forward([isCanary ? other : main]), { ...match, headers: [header] })),
    rule(
      forward([
        { ...main, weight: weightTotal - share },
        { ...other, weight: share },
      ]),
    ),
  ];
}

/** nginx sends `/shop` to `/shop/` where only the latter is a path, of whatever type; of Gateway API both are the same prefix. */
function slashRule({ usesRegex, locations }: Server, { path, pathType }: Location, rule: (written: Written, matches: Written) => Rule): readonly Rule[] {
  const bare = path.replace(/\/$/, '');
  const isTaken = locations.some((one) => one.path === bare || (pathType === 'Exact' && one.pathType !== 'Exact' && one.path === path));
  if (usesRegex || bare === '' || bare === path || isTaken) return [];
  const requestRedirect = { path: { type: 'ReplaceFullPath', replaceFullPath: path }, statusCode: 301 };
  return [rule({ filters: [{ type: 'RequestRedirect', requestRedirect }] }, { path: { type: 'Exact', value: bare } })];
}

function filtersOf({ location, newPath }: Place, { host }: Server, scheme: 'http' | 'https', scene: Scene): readonly Written[] {
  const { reading } = location;
  const hostname = hostnameOf(reading);
  const prefix = newPath === undefined ? undefined : forwardedPrefixOf(reading);
  const withheld = withheldByCors(reading);
  const headers = [...headersOfAnswers(reading), ...transportHeader(scheme, scene)].filter(({ name }) => !withheld.includes(name.toLowerCase()));
  const path = newPath === undefined ? {} : { path: newPath };
  return [
    ...(newPath === undefined && hostname === undefined
      ? []
      : [{ type: 'URLRewrite', urlRewrite: { ...(hostname === undefined ? {} : { hostname }), ...path } }]),
    {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: headersOf(host, scheme, prefix), remove: ['Proxy', ...(host === '*' ? ['X-Forwarded-Host'] : [])] },
    },
    ...(headers.length + withheld.length > 0
      ? [
          {
            type: 'ResponseHeaderModifier',
            responseHeaderModifier: { ...(headers.length > 0 && { set: headers }), ...(withheld.length > 0 && { remove: withheld }) },
          },
        ]
      : []),
    ...corsFilters(reading),
    ...mirrorFilters(location, scene),
  ];
}

/** What ingress-nginx tells backends of the way of a request, as far as it is known before one comes; clients must not forge it. */
function headersOf(host: string, scheme: 'http' | 'https', prefix: string | undefined): readonly Written[] {
  const values = {
    ...(host === '*' ? {} : { 'X-Forwarded-Host': host }),
    'X-Forwarded-Scheme': scheme,
    'X-Scheme': scheme,
    ...(prefix === undefined ? {} : { 'X-Forwarded-Prefix': prefix }),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function backendRef({ ingress }: Pick<ReadIngress, 'ingress'>, backend: IngressBackend, scene: Scene): Written {
  return { name: backend.service?.name, port: portOf(ingress.namespace, backend, scene) };
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
