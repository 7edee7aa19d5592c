import type { z } from 'zod';
import { ApiError } from './api-error.ts';

/**
 * Checks what a caller sent against a schema.
 * @param what the part of the call, for the message: `query`, `body`.
 * @throws {ApiError} `BadRequest` that names the first wrong field.
 */
export function checked<Schema extends z.ZodType>(schema: Schema, what: string, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new ApiError('BadRequest', `${what}${field === '' ? '' : ` ${field}`}: ${issue?.message ?? 'is not valid'}`);
}
