import type { Context } from 'hono';
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

/**
 * What a caller sent as JSON.
 * @throws {ApiError} `BadRequest` where it is none.
 */
export async function jsonBody({ req }: Context): Promise<unknown> {
  return req.json().catch((error: unknown) => {
    // A body that is too large ends the call in its own way.
    throw error instanceof SyntaxError ? new ApiError('BadRequest', 'the body is no JSON', { cause: error }) : error;
  });
}
