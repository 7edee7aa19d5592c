import { z } from 'zod';
import { defineKind, head, ignoredStatus } from './kind.ts';

/** Read for its labels, by which a Gateway's listener may choose the namespaces of its routes. */
export const namespace = defineKind({
  kind: 'Namespace',
  group: '',
  versions: ['v1'],
  namespaced: false,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({ finalizers: z.array(z.string()).optional() }).nullish(),
    status: ignoredStatus,
  }),
});
