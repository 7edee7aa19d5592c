import { z } from 'zod';
import { head, ignoredStatus } from './kind.ts';

const container = z.looseObject({
  name: z.string().optional(),
  image: z.string().optional(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
});

/** What runs pods. Only what its containers are started with is read, for the flags of the controller of ingress-nginx. */
export const workload = z.strictObject({
  ...head,
  spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.array(container).optional() }).optional() }).optional() }).optional(),
  status: ignoredStatus,
});
