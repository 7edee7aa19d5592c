import { z } from 'zod';
import { defineKind, head } from './kind.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-class-v1/ */
export const ingressClass = defineKind({
  kind: 'IngressClass',
  group: 'networking.k8s.io',
  versions: ['v1'],
  namespaced: false,
  schema: z.strictObject({
    ...head,
    spec: z
      .strictObject({
        controller: z.string().max(250).optional(),
        parameters: z
          .strictObject({
            apiGroup: z.string().nullish(),
            kind: z.string(),
            name: z.string(),
            namespace: z.string().nullish(),
            scope: z.string().nullish(),
          })
          .nullish(),
      })
      .optional(),
  }),
});
