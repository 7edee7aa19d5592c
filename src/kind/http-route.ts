import { z } from 'zod';
import { conditions } from './gateway/conditions.ts';
import { durationMs } from './gateway/duration.ts';
import { httpRouteFilters } from './gateway/filters.ts';
import { gatewayDuration, headerValue, hostname, sectionName } from './gateway/names.ts';
import { parentReferences, weightedBackends } from './gateway/references.ts';
import { replacesPrefixOnly, totalOfMatches, uniqueRuleNames } from './gateway/rules.ts';
import { sessionPersistence } from './gateway/session-persistence.ts';
import { defineKind, head, ignoredStatus } from './kind.ts';

const plainPath = (path: { readonly type?: string | undefined }): boolean => path.type !== 'RegularExpression';

const pathMatch = z
  .strictObject({ type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']).optional(), value: z.string().max(1024).optional() })
  .refine((path) => !plainPath(path) || (path.value ?? '/').startsWith('/'), { path: ['value'], message: 'a path starts with `/`' })
  .refine((path) => !plainPath(path) || !/\/\/|\/\.\.?(\/|$)|%2f|#/i.test(path.value ?? '/'), {
    path: ['value'],
    message: 'a path must not hold `//`, `/./`, `/../`, `%2F` or `#`',
  })
  .refine((path) => !plainPath(path) || /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/.test(path.value ?? '/'), {
    path: ['value'],
    message: 'a character that a path cannot hold; percent-encode it',
  })
  .refine((path) => plainPath(path) || path.value !== '', { path: ['value'], message: 'an empty expression matches no path' });

const match = z.strictObject({
  path: pathMatch.optional(),
  headers: conditions('header', headerValue).optional(),
  queryParams: conditions('query parameter', z.string().min(1).max(1024)).optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']).optional(),
});

const timeouts = z
  .strictObject({ request: gatewayDuration.optional(), backendRequest: gatewayDuration.optional() })
  .refine(({ request, backendRequest }) => !request || !backendRequest || durationMs(request) === 0 || durationMs(backendRequest) <= durationMs(request), {
    path: ['backendRequest'],
    message: '`backendRequest` must not be longer than `request`',
  });

const retry = z.strictObject({
  codes: z.array(z.int().min(400).max(599)).optional(),
  attempts: z.int().min(1).optional(),
  backoff: gatewayDuration.optional(),
});

const rule = z
  .strictObject({
    name: sectionName.optional(),
    matches: z.array(match).max(64).optional(),
    filters: httpRouteFilters.optional(),
    backendRefs: weightedBackends(httpRouteFilters).optional(),
    timeouts: timeouts.optional(),
    retry: retry.optional(),
    sessionPersistence: sessionPersistence.optional(),
  })
  .refine((rule) => (rule.backendRefs ?? []).length === 0 || !rule.filters?.some((filter) => filter.requestRedirect), {
    path: ['filters'],
    message: 'a rule that redirects has no `backendRefs`',
  })
  .refine(replacesPrefixOnly, { path: ['filters'], message: 'ReplacePrefixMatch needs exactly one match, with a path of type PathPrefix' });

/** What happens to HTTP requests. @see https://gateway-api.sigs.k8s.io/api-types/httproute/ */
export const httpRoute = defineKind({
  kind: 'HTTPRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      parentRefs: parentReferences.optional(),
      useDefaultGateways: z.enum(['All', 'None']).optional(),
      hostnames: z.array(hostname).max(16).optional(),
      rules: z.array(rule).min(1).max(16).superRefine(uniqueRuleNames).superRefine(totalOfMatches).optional(),
    }),
    status: ignoredStatus,
  }),
});
