import { diagnostic, type Origin } from '../diagnostic.ts';
import type { Backend, HashInput } from '../ir/backend.ts';
import { withoutShare } from '../ir/life.ts';
import type { ForwardAction, Route, RouteAction, WeightedBackend } from '../ir/route.ts';
import type { HttpRouteFilter } from '../kind/gateway/filters.ts';
import type { BackendReference } from '../kind/gateway/references.ts';
import type { FieldPath } from '../store/stored.ts';
import { type RouteObject, referredBackend, referredService } from './backend-reference.ts';
import type { RouteContext } from './route-context.ts';
import { backendFilters, type FilterParts, ruleFilters } from './route-filters.ts';
import { type RouteRetry, retryOf } from './traffic/retries.ts';
import { type RuleTraffic, ruleTraffic } from './traffic/scope.ts';
import { type RouteSession, sessionOf } from './traffic/session.ts';
import { stickyOn } from './traffic/sticky-split.ts';
import { type RouteTimes, timeoutsOf } from './traffic/timeouts.ts';
import { trafficWrittenAt } from './traffic/written.ts';
import type { Transcoding } from './transcoding.ts';

/** A rule of an HTTPRoute or a GRPCRoute, but for its matches. */
export interface Rule {
  readonly name?: string | undefined;
  readonly filters?: readonly HttpRouteFilter[] | undefined;
  readonly backendRefs?: readonly RuleBackend[] | undefined;
  readonly timeouts?: RouteTimes | undefined;
  readonly retry?: RouteRetry | undefined;
  readonly sessionPersistence?: RouteSession | undefined;
}

type RuleBackend = BackendReference & { readonly weight?: number | undefined; readonly filters?: readonly HttpRouteFilter[] | undefined };

/** What the routes of a rule have in common: everything but match, name and origins. */
type RuleParts = Pick<Route, 'action' | 'requestHeaders' | 'responseHeaders' | 'cors'>;

/** The same, and what the rule takes as HTTP with JSON besides. */
export interface TranslatedRule {
  readonly parts: RuleParts;
  readonly transcoding: Transcoding | undefined;
}

/**
 * What a rule does to the requests that fit one of its matches.
 * Gives `NoUsableWeight`, `ServicePoliciesDiffer`, `SessionKeyGenerated`, `UnsupportedFilter`, and what references to backends give.
 */
export function ruleParts(owner: RouteObject, rule: Rule, path: FieldPath, grpc: boolean, context: RouteContext): TranslatedRule {
  const filters = ruleFilters(owner, rule.filters, [...path, 'filters'], grpc, context);
  const { requestHeaders, responseHeaders, cors } = filters;
  const parts = {
    action: actionOf(owner, rule, filters, path, grpc, context),
    ...(requestHeaders ? { requestHeaders } : {}),
    ...(responseHeaders ? { responseHeaders } : {}),
    ...(cors ? { cors } : {}),
  };
  return { parts, transcoding: filters.transcoding };
}

function actionOf(owner: RouteObject, rule: Rule, filters: FilterParts, path: FieldPath, grpc: boolean, context: RouteContext): RouteAction {
  const shares = (rule.backendRefs ?? []).map((ref, index) => shareOf(owner, ref, [...path, 'backendRefs', index], grpc, context));
  if (filters.isClosed) return { type: 'respond', status: 500 };
  if (filters.redirect) return filters.redirect;
  if (shares.length > 0 && shares.every(({ share }) => share.weight === 0)) {
    const message = 'The weights of the rule sum up to 0, so every request that it matches is answered with an error.';
    context.report(diagnostic('NoUsableWeight', owner.origin([...path, 'backendRefs']), message, 'Give at least one backend a weight above 0.'));
  }
  if (!shares.some(({ share }) => share.cluster !== undefined && share.weight > 0)) {
    // Gateway API asks for 500, and for UNAVAILABLE where gRPC is spoken, which Envoy makes of 503.
    return { type: 'respond', status: grpc ? 503 : 500 };
  }
  reportDead(owner, shares, [...path, 'backendRefs'], context);
  const backends = shares.map(({ backend }) => backend).filter((backend) => backend !== undefined);
  const traffic = trafficOf(owner, rule, path, context).rule;
  const { spec } = traffic;
  const sticky = stickyOn(spec);
  const at = (): Origin =>
    rule.sessionPersistence ? owner.origin([...path, 'sessionPersistence']) : (traffic.origin('sessionAffinity') ?? owner.origin(path));
  const session = sessionOf(spec, rule.sessionPersistence, { namespace: owner.namespace, view: context.view, at, report: context.report });
  return {
    type: 'forward',
    ...(grpc ? { grpc } : {}),
    ...(backends.some(({ protocol }) => protocol === 'http2') ? { grpcWeb: true } : {}),
    backends: shares.map(({ share }) => share),
    ...(filters.rewrite ? { rewrite: filters.rewrite } : {}),
    mirrors: filters.mirrors.filter((mirror) => mirror.numerator > 0),
    timeouts: timeoutsOf(spec, rule.timeouts, grpc),
    retry: retryOf(spec, rule.retry, rule.timeouts?.backendRequest !== undefined),
    ...trafficWrittenAt(traffic, { owner, path, rule }),
    hashOn: hashInputs(backends),
    ...(sticky ? { stickyOn: sticky } : {}),
    ...(session ? { session } : {}),
  } satisfies ForwardAction;
}

/** Gives `ShareWithoutEndpoints`. What it tells of is done where endpoints are known at every moment: see `withLivingShares`. */
function reportDead(owner: RouteObject, shares: readonly RuleShare[], path: FieldPath, { resolver, report }: RouteContext): void {
  const served = shares.flatMap(({ share, backend }) => (backend && share.weight > 0 ? [backend] : []));
  if (served.length < 2) return;
  const dead = withoutShare(new Map(served.map((backend) => [backend.name, resolver.life(backend)])));
  for (const [index, { share, backend }] of shares.entries()) {
    if (!backend || share.weight === 0 || !dead.has(backend.name)) continue;
    const message = `${backend.name} has no ready endpoint, so its share of the requests goes to the backend of the rule that has the largest.`;
    report(diagnostic('ShareWithoutEndpoints', owner.origin([...path, index]), message, 'It has its share again as soon as one of its endpoints is ready.'));
  }
}

interface RuleShare {
  readonly share: WeightedBackend;
  readonly backend: Backend | undefined;
}

function shareOf(owner: RouteObject, ref: RuleBackend, path: FieldPath, grpc: boolean, context: RouteContext): RuleShare {
  const filters = backendFilters(owner, ref.filters, [...path, 'filters'], context);
  const backend = referredBackend(owner, ref, path, grpc, context);
  const { requestHeaders, responseHeaders, rewrite, isClosed } = filters;
  const share = {
    ...(backend === undefined || isClosed ? {} : { cluster: backend.name }),
    weight: ref.weight ?? 1,
    ...(requestHeaders ? { requestHeaders } : {}),
    ...(responseHeaders ? { responseHeaders } : {}),
    ...(rewrite?.host === undefined ? {} : { hostRewrite: rewrite.host }),
    origins: [owner.origin(path)],
  };
  return { share, backend: isClosed ? undefined : backend };
}

/** What TrafficPolicies say of the requests of a rule. */
function trafficOf(owner: RouteObject, rule: Rule, path: FieldPath, { traffic, report }: RouteContext): RuleTraffic {
  const route = { kind: owner.kind, namespace: owner.namespace, name: owner.name };
  const services = (rule.backendRefs ?? []).map((ref) => referredService(owner, ref));
  const targets = rule.name === undefined ? [route] : [{ ...route, section: rule.name }, route];
  return ruleTraffic(traffic, targets, services, () => owner.origin(path), report);
}

/** Inputs of the hash, in the order of the backends, each once. */
function hashInputs(backends: readonly Backend[]): readonly HashInput[] {
  const inputs = backends.flatMap(({ loadBalancer }) => (loadBalancer.type === 'RingHash' || loadBalancer.type === 'Maglev' ? loadBalancer.hashOn : []));
  return [...new Map(inputs.map((input) => [JSON.stringify(input), input])).values()];
}
