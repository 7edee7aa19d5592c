import { z } from 'zod';
import { hostname } from './gateway/names.ts';
import { defineKind, head, ignoredStatus } from './kind.ts';

const backend = z.strictObject({
  service: z
    .strictObject({
      name: z.string().min(1),
      /** One of the two. */
      port: z.strictObject({ name: z.string().optional(), number: z.int().min(0).max(65535).optional() }).optional(),
    })
    .optional(),
  resource: z.strictObject({ apiGroup: z.string().nullish(), kind: z.string(), name: z.string() }).optional(),
});

const path = z
  .strictObject({
    path: z.string().optional(),
    pathType: z.enum(['Exact', 'Prefix', 'ImplementationSpecific']),
    backend,
  })
  .refine(({ path, pathType }) => ((path ?? '') === '' ? pathType === 'ImplementationSpecific' || path === undefined : path?.startsWith('/')), {
    path: ['path'],
    message: 'a path starts with `/`',
  })
  .refine(({ path, pathType }) => pathType === 'ImplementationSpecific' || !/\/\/|\/\.\.?(\/|$)|%2f|[?#\s]/i.test(path ?? '/'), {
    path: ['path'],
    message: 'a path must not hold `//`, `/./`, `/../`, `%2F`, `?`, `#` or blanks',
  });

/** Exact, or `*` as the whole first label; empty means the same as none. */
const host = z.union(
  [z.literal(''), hostname],
  'not a host name: lower case letters, digits, `-` and `.`, no port; `*` only as the whole first label; other letters in their ASCII form, `xn--…`',
);

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export const ingress = defineKind({
  kind: 'Ingress',
  group: 'networking.k8s.io',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      ingressClassName: z.string().nullish(),
      defaultBackend: backend.optional(),
      tls: z.array(z.strictObject({ hosts: z.array(hostname).nullish(), secretName: z.string().optional() })).nullish(),
      rules: z.array(z.strictObject({ host: host.optional(), http: z.strictObject({ paths: z.array(path).min(1) }).optional() })).nullish(),
    }),
    status: ignoredStatus,
  }),
});
