import { z } from 'zod';
import { port } from '../kind.ts';
import { headerValue, preciseHostname, tokenName, uniqueNames } from './names.ts';
import { backendReference, localReference } from './references.ts';

/** Envoy refuses a whole table of routes where one of them changes the Host header in this way. */
const changeable = tokenName.refine((name) => name.toLowerCase() !== 'host', 'the Host header is changed by the filter URLRewrite, by its `hostname`');

const header = z.strictObject({ name: changeable, value: headerValue });

const uniqueHeaders = z.array(header).max(16).refine(uniqueNames, 'the same header is named twice');

/** Changes of request or response headers. */
const headerModifier = z.strictObject({
  set: uniqueHeaders.optional(),
  add: uniqueHeaders.optional(),
  remove: z.array(changeable).max(16).optional(),
});

/** What of headers is set, added and removed. */
export type HeaderModifier = z.infer<typeof headerModifier>;

/** A copy of requests to another backend. */
const requestMirror = z
  .strictObject({
    backendRef: backendReference,
    percent: z.int().min(0).max(100).optional(),
    fraction: z
      .strictObject({ numerator: z.int().min(0), denominator: z.int().min(1).optional() })
      .refine((fraction) => fraction.numerator <= (fraction.denominator ?? 100), 'the numerator must not be larger than the denominator')
      .optional(),
  })
  .refine((mirror) => mirror.percent === undefined || mirror.fraction === undefined, 'only one of `percent` and `fraction` can be set');

/** Where copies go, and of which part of the requests. */
export type RequestMirror = z.infer<typeof requestMirror>;

const newPath = z
  .string()
  .max(1024)
  .regex(/^[!-~]*$/, 'a character that a path cannot hold; percent-encode it');

const pathModifier = z
  .strictObject({
    type: z.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
    replaceFullPath: newPath.optional(),
    replacePrefixMatch: newPath.optional(),
  })
  .refine((path) => (path.type === 'ReplaceFullPath') === (path.replaceFullPath !== undefined), {
    path: ['replaceFullPath'],
    message: '`replaceFullPath` goes with the type ReplaceFullPath, and with no other',
  })
  .refine((path) => (path.type === 'ReplacePrefixMatch') === (path.replacePrefixMatch !== undefined), {
    path: ['replacePrefixMatch'],
    message: '`replacePrefixMatch` goes with the type ReplacePrefixMatch, and with no other',
  });

/** A new path, or a new prefix of it. */
export type PathModifier = z.infer<typeof pathModifier>;

const requestRedirect = z.strictObject({
  scheme: z.enum(['http', 'https']).optional(),
  hostname: preciseHostname.optional(),
  path: pathModifier.optional(),
  port: port.optional(),
  statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
});

const urlRewrite = z.strictObject({ hostname: preciseHostname.optional(), path: pathModifier.optional() });

const withoutCompany = (list: readonly string[]): boolean => !list.includes('*') || list.length === 1;
const lonelyStar = '`*` stands alone';

const cors = z.strictObject({
  allowOrigins: z
    .array(
      z
        .string()
        .min(1)
        .max(253)
        .regex(
          /^\*$|^https?:\/\/((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?$/,
          'not an origin: write `https://shop.example.com`, `https://*.example.com` or `*`',
        ),
    )
    .max(64)
    .refine(withoutCompany, lonelyStar)
    .optional(),
  allowCredentials: z.boolean().optional(),
  allowMethods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*']))
    .max(9)
    .refine(withoutCompany, lonelyStar)
    .optional(),
  allowHeaders: z.array(tokenName).max(64).refine(withoutCompany, lonelyStar).optional(),
  exposeHeaders: z.array(tokenName).max(64).optional(),
  maxAge: z.int().min(1).optional(),
});

/** Which pages of other origins may call. */
export type CorsFilter = z.infer<typeof cors>;

const externalAuth = z
  .strictObject({
    protocol: z.enum(['HTTP', 'GRPC']),
    backendRef: backendReference,
    grpc: z.strictObject({ allowedHeaders: z.array(z.string()).max(64).optional() }).optional(),
    http: z
      .strictObject({
        path: z.string().max(1024).optional(),
        allowedHeaders: z.array(z.string()).max(64).optional(),
        allowedResponseHeaders: z.array(z.string()).max(64).optional(),
      })
      .optional(),
    forwardBody: z.strictObject({ maxSize: z.int().min(0).max(65535).optional() }).optional(),
  })
  .refine((auth) => (auth.protocol === 'HTTP' ? auth.http && !auth.grpc : auth.grpc && !auth.http), {
    path: ['protocol'],
    message: '`http` goes with the protocol HTTP and `grpc` with the protocol GRPC',
  });

/** The field that holds what a filter of each type needs. */
const fieldOf = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
  ExtensionRef: 'extensionRef',
} as const;

type FilterType = keyof typeof fieldOf;

function checkField(filter: { readonly type: FilterType } & Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  for (const [type, field] of Object.entries(fieldOf)) {
    if ((filter.type === type) === (filter[field] !== undefined)) continue;
    const message =
      filter.type === type ? `a filter of type ${type} needs the field \`${field}\`` : `the field \`${field}\` does not go with the type ${filter.type}`;
    context.addIssue({ code: 'custom', path: [field], message, input: filter });
  }
}

/** Filter types that a list may hold once. */
const single: readonly FilterType[] = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'CORS'];

function checkList(filters: readonly { readonly type: FilterType }[], context: z.core.$RefinementCtx): void {
  const types = filters.map((filter) => filter.type);
  for (const type of single) {
    if (types.indexOf(type) !== types.lastIndexOf(type))
      context.addIssue({ code: 'custom', path: [types.lastIndexOf(type)], message: `${type} cannot be repeated`, input: filters });
  }
  if (types.includes('RequestRedirect') && types.includes('URLRewrite'))
    context.addIssue({ code: 'custom', path: [types.indexOf('URLRewrite')], message: 'URLRewrite and RequestRedirect exclude each other', input: filters });
}

const httpRouteFilter = z
  .strictObject({
    type: z.enum(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite', 'CORS', 'ExternalAuth', 'ExtensionRef']),
    requestHeaderModifier: headerModifier.optional(),
    responseHeaderModifier: headerModifier.optional(),
    requestMirror: requestMirror.optional(),
    requestRedirect: requestRedirect.optional(),
    urlRewrite: urlRewrite.optional(),
    cors: cors.optional(),
    externalAuth: externalAuth.optional(),
    extensionRef: localReference.optional(),
  })
  .superRefine(checkField);

/** A filter of an HTTPRoute; those of a GRPCRoute are some of these. */
export type HttpRouteFilter = z.infer<typeof httpRouteFilter>;

/** Filters of a rule of an HTTPRoute, or of one of its backends. */
export const httpRouteFilters = z.array(httpRouteFilter).max(16).superRefine(checkList);

const grpcRouteFilter = z
  .strictObject({
    type: z.enum(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef']),
    requestHeaderModifier: headerModifier.optional(),
    responseHeaderModifier: headerModifier.optional(),
    requestMirror: requestMirror.optional(),
    extensionRef: localReference.optional(),
  })
  .superRefine(checkField);

/** Filters of a rule of a GRPCRoute, or of one of its backends. */
export const grpcRouteFilters = z.array(grpcRouteFilter).max(16).superRefine(checkList);
