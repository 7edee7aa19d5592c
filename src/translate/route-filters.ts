import { diagnostic } from '../diagnostic.ts';
import type { Cors, HeaderChanges, Mirror, PathRewrite, RedirectAction, Rewrite } from '../ir/route.ts';
import type { CorsFilter, HeaderModifier, HttpRouteFilter, PathModifier, RequestMirror } from '../kind/gateway/filters.ts';
import type { FieldPath } from '../store/stored.ts';
import { type RouteObject, referredBackend } from './backend-reference.ts';
import type { RouteContext } from './route-context.ts';
import { referredTranscoding, type Transcoding } from './transcoding.ts';

/** What the filters of a rule, or of one of its backends, ask for. */
export interface FilterParts {
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
  readonly cors?: Cors;
  readonly redirect?: RedirectAction;
  readonly rewrite?: Rewrite;
  /** gRPC calls are taken as HTTP with JSON as well. */
  readonly transcoding?: Transcoding;
  readonly mirrors: readonly Mirror[];
  /** A filter is not known: the requests are answered with an error, as going on without it could open what was meant to be closed. */
  readonly isClosed: boolean;
}

/** The filters of a rule. Gives `UnsupportedFilter`, and what mirrors and transcoders give. */
export function ruleFilters(
  owner: RouteObject,
  filters: readonly HttpRouteFilter[] | undefined,
  path: FieldPath,
  grpc: boolean,
  context: RouteContext,
): FilterParts {
  let parts: FilterParts = { mirrors: [], isClosed: false };
  for (const [index, filter] of (filters ?? []).entries()) {
    const at = [...path, index];
    if (filter.requestMirror) {
      const mirror = mirrorOf(owner, filter.requestMirror, [...at, 'requestMirror'], grpc, context);
      if (mirror) parts = { ...parts, mirrors: [...parts.mirrors, mirror] };
    } else if (grpc && isTranscoder(filter.extensionRef)) {
      const transcoding = referredTranscoding(owner, filter.extensionRef.name, [...at, 'extensionRef'], context);
      if (transcoding) parts = { ...parts, transcoding };
    } else parts = { ...parts, ...(plainFilter(filter) ?? closed(owner, filter, at, 'its rule answers every request with 500', context)) };
  }
  return parts;
}

function isTranscoder(reference: HttpRouteFilter['extensionRef']): reference is NonNullable<HttpRouteFilter['extensionRef']> {
  return reference?.group === 'gateway.sluice.dev' && reference.kind === 'GrpcJsonTranscoder';
}

/** The filters of one backend of a rule: headers and a new Host; all others are `UnsupportedFilter`. */
export function backendFilters(owner: RouteObject, filters: readonly HttpRouteFilter[] | undefined, path: FieldPath, context: RouteContext): FilterParts {
  let parts: FilterParts = { mirrors: [], isClosed: false };
  for (const [index, filter] of (filters ?? []).entries()) {
    const known = filter.type.endsWith('HeaderModifier') || (filter.urlRewrite && !filter.urlRewrite.path) ? plainFilter(filter) : undefined;
    parts = { ...parts, ...(known ?? closed(owner, filter, [...path, index], 'the share of its backend is answered with 500', context)) };
  }
  return parts;
}

function plainFilter(filter: HttpRouteFilter): Partial<FilterParts> | undefined {
  if (filter.requestHeaderModifier) return { requestHeaders: headerChanges(filter.requestHeaderModifier) };
  if (filter.responseHeaderModifier) return { responseHeaders: headerChanges(filter.responseHeaderModifier) };
  if (filter.cors) return { cors: corsOf(filter.cors) };
  if (filter.urlRewrite) {
    const { hostname, path } = filter.urlRewrite;
    return { rewrite: { ...(hostname === undefined ? {} : { host: hostname }), ...(path ? { path: pathRewrite(path) } : {}) } };
  }
  if (filter.requestRedirect) {
    const { scheme, hostname, port, path, statusCode } = filter.requestRedirect;
    return {
      redirect: {
        type: 'redirect',
        status: statusCode ?? 302,
        ...(scheme === undefined ? {} : { scheme }),
        ...(hostname === undefined ? {} : { host: hostname }),
        ...(port === undefined ? {} : { port }),
        ...(path ? { path: pathRewrite(path) } : {}),
      },
    };
  }
  return undefined;
}

function closed(owner: RouteObject, filter: HttpRouteFilter, path: FieldPath, consequence: string, { report }: RouteContext): Partial<FilterParts> {
  const message = `The filter ${filter.type} is not supported here, so ${consequence}.`;
  report(diagnostic('UnsupportedFilter', owner.origin(path), message, 'Remove the filter, or serve this route by something that knows it.'));
  return { isClosed: true };
}

function headerChanges({ set, add, remove }: HeaderModifier): HeaderChanges {
  return { set: set ?? [], add: add ?? [], remove: remove ?? [] };
}

/** The API says what holds where a field is missing. @see https://gateway-api.sigs.k8s.io/reference/spec/#httpcorsfilter */
function corsOf(filter: CorsFilter): Cors {
  return {
    allowOrigins: filter.allowOrigins ?? [],
    allowMethods: filter.allowMethods ?? [],
    allowHeaders: filter.allowHeaders ?? [],
    exposeHeaders: filter.exposeHeaders ?? [],
    allowCredentials: filter.allowCredentials ?? false,
    maxAgeSeconds: filter.maxAge ?? 5,
  };
}

function pathRewrite(path: PathModifier): PathRewrite {
  if (path.replacePrefixMatch !== undefined) return { type: 'prefix', value: path.replacePrefixMatch };
  return { type: 'full', value: path.replaceFullPath ?? '/' };
}

function mirrorOf(owner: RouteObject, mirror: RequestMirror, path: FieldPath, grpc: boolean, context: RouteContext): Mirror | undefined {
  const backend = referredBackend(owner, mirror.backendRef, [...path, 'backendRef'], grpc, context);
  if (!backend) return undefined;
  const { numerator, denominator = 100 } = mirror.fraction ?? { numerator: mirror.percent ?? 100 };
  return { cluster: backend.name, numerator, denominator, origins: [owner.origin(path)] };
}
