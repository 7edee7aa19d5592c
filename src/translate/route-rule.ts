import { diagnostic } from '../diagnostic.ts';
import type { Backend, HashInput } from '../ir/backend.ts';
import type { ForwardAction, Retry, Route, RouteAction, RouteTimeouts, WeightedBackend } from '../ir/route.ts';
import { durationMs } from '../kind/gateway/duration.ts';
import type { HttpRouteFilter } from '../kind/gateway/filters.ts';
import type { BackendReference } from '../kind/gateway/references.ts';
import type { FieldPath } from '../store/stored.ts';
import { type RouteObject, referredBackend } from './backend-reference.ts';
import { defaultRetry, defaultRouteTimeouts } from './defaults.ts';
import type { RouteContext } from './route-context.ts';
import { backendFilters, type FilterParts, ruleFilters } from './route-filters.ts';

/** A rule of an HTTPRoute or a GRPCRoute, but for its matches. */
export interface Rule {
  readonly filters?: readonly HttpRouteFilter[] | undefined;
  readonly backendRefs?: readonly RuleBackend[] | undefined;
  readonly timeouts?: { readonly request?: string | undefined; readonly backendRequest?: string | undefined } | undefined;
  readonly retry?: RuleRetry | undefined;
  readonly sessionPersistence?: unknown;
}

type RuleBackend = BackendReference & { readonly weight?: number | undefined; readonly filters?: readonly HttpRouteFilter[] | undefined };

interface RuleRetry {
  readonly codes?: readonly number[] | undefined;
  readonly attempts?: number | undefined;
  readonly backoff?: string | undefined;
}

/** What the routes of a rule have in common: everything but match, name and origins. */
export type RuleParts = Pick<Route, 'action' | 'requestHeaders' | 'responseHeaders' | 'cors'>;

/**
 * What a rule does to the requests that fit one of its matches.
 * Gives `NoUsableWeight`, `UnsupportedField`, `UnsupportedFilter`, and what references to backends give.
 */
export function ruleParts(owner: RouteObject, rule: Rule, path: FieldPath, grpc: boolean, context: RouteContext): RuleParts {
  const filters = ruleFilters(owner, rule.filters, [...path, 'filters'], grpc, context);
  if (rule.sessionPersistence !== undefined) {
    const message = '`sessionPersistence` is not supported yet, so requests of a session may reach different endpoints.';
    const remedy = 'Balance by a hash of a cookie or a header instead: a BackendPolicy with `loadBalancer: {type: Maglev, hashOn: [...]}`.';
    context.report(diagnostic('UnsupportedField', owner.origin([...path, 'sessionPersistence']), message, remedy));
  }
  const { requestHeaders, responseHeaders, cors } = filters;
  return {
    action: actionOf(owner, rule, filters, path, grpc, context),
    ...(requestHeaders ? { requestHeaders } : {}),
    ...(responseHeaders ? { responseHeaders } : {}),
    ...(cors ? { cors } : {}),
  };
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
  const backends = shares.map(({ backend }) => backend).filter((backend) => backend !== undefined);
  return {
    type: 'forward',
    backends: shares.map(({ share }) => share),
    ...(filters.rewrite ? { rewrite: filters.rewrite } : {}),
    mirrors: filters.mirrors.filter((mirror) => mirror.numerator > 0),
    timeouts: timeoutsOf(rule),
    retry: retryOf(rule),
    hashOn: hashInputs(backends),
  } satisfies ForwardAction;
}

function shareOf(
  owner: RouteObject,
  ref: RuleBackend,
  path: FieldPath,
  grpc: boolean,
  context: RouteContext,
): { readonly share: WeightedBackend; readonly backend: Backend | undefined } {
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

function timeoutsOf({ timeouts }: Rule): RouteTimeouts {
  const perTryMs = timeouts?.backendRequest === undefined ? 0 : durationMs(timeouts.backendRequest);
  return {
    ...defaultRouteTimeouts,
    ...(timeouts?.request === undefined ? {} : { requestMs: durationMs(timeouts.request) }),
    ...(perTryMs === 0 ? {} : { perTryMs }),
  };
}

/** @see https://gateway-api.sigs.k8s.io/geps/gep-1731/ */
function retryOf({ retry, timeouts }: Rule): Retry {
  if (!retry) return defaultRetry;
  const backoffBaseMs = retry.backoff === undefined ? defaultRetry.backoffBaseMs : Math.max(1, durationMs(retry.backoff));
  // A try that `backendRequest` ended is tried again, as GEP-1731 asks: for Envoy such a try was reset.
  const onTimeout = timeouts?.backendRequest !== undefined && !defaultRetry.on.includes('reset') ? ['reset'] : [];
  return {
    on: [...defaultRetry.on, ...onTimeout],
    statusCodes: retry.codes ?? defaultRetry.statusCodes,
    count: retry.attempts ?? defaultRetry.count,
    backoffBaseMs,
    backoffMaxMs: Math.max(defaultRetry.backoffMaxMs, backoffBaseMs * 10),
  };
}

/** Inputs of the hash, in the order of the backends, each once. */
function hashInputs(backends: readonly Backend[]): readonly HashInput[] {
  const inputs = backends.flatMap(({ loadBalancer }) => (loadBalancer.type === 'RingHash' || loadBalancer.type === 'Maglev' ? loadBalancer.hashOn : []));
  return [...new Map(inputs.map((input) => [JSON.stringify(input), input])).values()];
}
