import { z } from 'zod';
import { defineKind, head } from './kind.ts';
import { readTlsSecret } from './tls-secret.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
export const secret = defineKind({
  kind: 'Secret',
  group: '',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    type: z.string().optional(),
    immutable: z.boolean().optional(),
    /** Values in base64. */
    data: z.record(z.string(), z.string()).nullish(),
    /** Values as they are; wins over `data`. */
    stringData: z.record(z.string(), z.string()).nullish(),
  }),
  problem(object) {
    if (object.type !== 'kubernetes.io/tls') return undefined;
    const read = readTlsSecret(object);
    return 'problem' in read ? read : undefined;
  },
});
