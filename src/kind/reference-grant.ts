import { z } from 'zod';
import { apiGroup, kindName, namespaceName, objectName } from './gateway/names.ts';
import { defineKind, head } from './kind.ts';

/** Who of other namespaces may refer to objects of this one. @see https://gateway-api.sigs.k8s.io/api-types/referencegrant/ */
export const referenceGrant = defineKind({
  kind: 'ReferenceGrant',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      from: z
        .array(z.strictObject({ group: apiGroup, kind: kindName, namespace: namespaceName }))
        .min(1)
        .max(16),
      to: z
        .array(z.strictObject({ group: apiGroup, kind: kindName, name: objectName.optional() }))
        .min(1)
        .max(16),
    }),
  }),
});
