import { z } from 'zod';
import { tokenName, uniqueNames } from './names.ts';

/**
 * Conditions of a match on named values, at most 16, no name twice.
 * @param what the values are, for the message: `header`.
 * @param value what may be asked of one.
 */
export function conditions(what: string, value: z.ZodString) {
  return z
    .array(z.strictObject({ type: z.enum(['Exact', 'RegularExpression']).optional(), name: tokenName, value }))
    .max(16)
    .refine(uniqueNames, `the same ${what} is named twice`);
}
