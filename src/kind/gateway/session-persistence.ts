import { z } from 'zod';
import { gatewayDuration } from './names.ts';

/** Requests of a session stay with one endpoint. @see https://gateway-api.sigs.k8s.io/geps/gep-1619/ */
export const sessionPersistence = z
  .strictObject({
    sessionName: z.string().max(128).optional(),
    absoluteTimeout: gatewayDuration.optional(),
    type: z.enum(['Cookie', 'Header']).optional(),
    cookieConfig: z.strictObject({ lifetimeType: z.enum(['Permanent', 'Session']).optional() }).optional(),
  })
  .refine((session) => session.cookieConfig?.lifetimeType !== 'Permanent' || session.absoluteTimeout !== undefined, {
    path: ['absoluteTimeout'],
    message: 'a permanent cookie needs `absoluteTimeout`',
  })
  .refine((session) => session.cookieConfig === undefined || (session.type ?? 'Cookie') === 'Cookie', {
    path: ['cookieConfig'],
    message: '`cookieConfig` goes with the type Cookie only',
  });
