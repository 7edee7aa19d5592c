import { z } from 'zod';
import { conditions } from './gateway/conditions.ts';
import { grpcRouteFilters } from './gateway/filters.ts';
import { hostname, sectionName } from './gateway/names.ts';
import { parentReferences, weightedBackends } from './gateway/references.ts';
import { totalOfMatches, uniqueRuleNames } from './gateway/rules.ts';
import { sessionPersistence } from './gateway/session-persistence.ts';
import { defineKind, head, ignoredStatus } from './kind.ts';

const methodMatch = z
  .strictObject({
    type: z.enum(['Exact', 'RegularExpression']).optional(),
    service: z.string().max(1024).optional(),
    method: z.string().max(1024).optional(),
  })
  .refine((match) => match.service !== undefined || match.method !== undefined, 'one of `service` and `method` is needed')
  .refine((match) => match.type === 'RegularExpression' || /^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$/i.test(match.service ?? '_'), {
    path: ['service'],
    message: 'not the name of a gRPC service: write it as `shop.v1.Catalog`',
  })
  .refine((match) => match.type === 'RegularExpression' || /^[A-Za-z_][A-Za-z_0-9]*$/.test(match.method ?? '_'), {
    path: ['method'],
    message: 'not the name of a gRPC method',
  });

const match = z.strictObject({
  method: methodMatch.optional(),
  headers: conditions('header', z.string().min(1).max(4096)).optional(),
});

const rule = z.strictObject({
  name: sectionName.optional(),
  matches: z.array(match).max(64).optional(),
  filters: grpcRouteFilters.optional(),
  backendRefs: weightedBackends(grpcRouteFilters).optional(),
  sessionPersistence: sessionPersistence.optional(),
});

/** What happens to gRPC calls. @see https://gateway-api.sigs.k8s.io/api-types/grpcroute/ */
export const grpcRoute = defineKind({
  kind: 'GRPCRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      parentRefs: parentReferences.optional(),
      useDefaultGateways: z.enum(['All', 'None']).optional(),
      hostnames: z.array(hostname).max(16).optional(),
      rules: z.array(rule).max(16).superRefine(uniqueRuleNames).superRefine(totalOfMatches).optional(),
    }),
    status: ignoredStatus,
  }),
});
