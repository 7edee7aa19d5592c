import { z } from 'zod';
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

const path = z.strictObject({
  path: z.string().optional(),
  pathType: z.enum(['Exact', 'Prefix', 'ImplementationSpecific']),
  backend,
});

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
      tls: z.array(z.strictObject({ hosts: z.array(z.string()).nullish(), secretName: z.string().optional() })).nullish(),
      rules: z.array(z.strictObject({ host: z.string().optional(), http: z.strictObject({ paths: z.array(path).min(1) }).optional() })).nullish(),
    }),
    status: ignoredStatus,
  }),
});
