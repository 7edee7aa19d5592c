import { z } from 'zod';
import { defineKind, head } from './kind.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/ */
export const configMap = defineKind({
  kind: 'ConfigMap',
  group: '',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    immutable: z.boolean().optional(),
    data: z.record(z.string(), z.string()).nullish(),
    /** Values in base64. */
    binaryData: z.record(z.string(), z.string()).nullish(),
  }),
});
