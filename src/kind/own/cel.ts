import type { z } from 'zod';

/** A rule of a CRD in the Common Expression Language. @see https://kubernetes.io/docs/reference/using-api/cel/ */
interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/**
 * Adds a condition that spans several fields: checked here by a function, and by the API server by the same rule in CEL.
 * Calls for one schema add up.
 */
export function withRule<Schema extends z.ZodType>(schema: Schema, holds: (value: z.output<Schema>) => boolean, rule: string, message: string): Schema {
  const rules = [...((schema.meta()?.['x-kubernetes-validations'] as readonly CelRule[] | undefined) ?? []), { rule, message }];
  return (schema.refine(holds, message) as Schema).meta({ 'x-kubernetes-validations': rules });
}

/** Exactly one of the fields is written: a union as a CRD can express it. */
export function exactlyOneOf<Schema extends z.ZodType<object>>(schema: Schema, fields: readonly (keyof z.output<Schema> & string)[]): Schema {
  const rule = `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(x, x).size() == 1`;
  return withRule(schema, (value) => fields.filter((field) => value[field] !== undefined).length === 1, rule, `exactly one of ${fields.join(', ')} is needed`);
}

/** At most one of the fields is written. */
export function atMostOneOf<Schema extends z.ZodType<object>>(schema: Schema, fields: readonly (keyof z.output<Schema> & string)[]): Schema {
  const rule = `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(x, x).size() <= 1`;
  return withRule(schema, (value) => fields.filter((field) => value[field] !== undefined).length <= 1, rule, `at most one of ${fields.join(', ')}`);
}
