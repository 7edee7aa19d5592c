import { z } from 'zod';
import { objectReference } from './gateway/references.ts';
import { defineKind, head, ignoredStatus } from './kind.ts';

/** Whose Gateways are whose. @see https://gateway-api.sigs.k8s.io/api-types/gatewayclass/ */
export const gatewayClass = defineKind({
  kind: 'GatewayClass',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  namespaced: false,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      controllerName: z
        .string()
        .min(1)
        .max(253)
        .regex(
          /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/,
          'not the name of a controller: write it as `example.com/name`',
        ),
      description: z.string().max(64).optional(),
      parametersRef: objectReference.optional(),
    }),
    status: ignoredStatus,
  }),
});
