import { z } from 'zod';

// Written so that no text takes more than linear time, as the patterns are tried before the length counts.
const subdomain = /^[a-z0-9]+((-+|\.)[a-z0-9]+)*$/;
const label = /^[a-z0-9]+(-+[a-z0-9]+)*$/;

/** The part of `metadata` that Sluice reads; whatever else Kubernetes writes there is let through. */
const metadata = z.looseObject({
  name: z.string().min(1).max(253).regex(subdomain, 'not the name of an object: lower case letters, digits, `-` and `.`'),
  namespace: z.string().min(1).max(63).regex(label, 'not the name of a namespace: lower case letters, digits and `-`').optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  /** RFC 3339; the YAML reader keeps timestamps as strings. */
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  generation: z.number().optional(),
  /** Of an object of a cluster. */
  uid: z.string().optional(),
});

/**
 * A kind of object that Sluice reads. The one definition gives the TypeScript type, the validation with located
 * diagnostics, and for our own kinds the CRD, the JSON schema and the reference page.
 * Schemas hold no transformation and no default: a valid object is used as it was written.
 */
export interface KindDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly kind: string;
  /** API group, `''` for the core group. */
  readonly group: string;
  /** Versions that are read, the preferred one first. */
  readonly versions: readonly [string, ...string[]];
  readonly namespaced: boolean;
  /** Schema of the whole object. Objects are strict (`z.strictObject`): an unknown field is a diagnostic `UnknownField`. */
  readonly schema: Schema;
  /**
   * What is wrong with an object that fits the schema but can be used for nothing. Where the object was good before, its last
   * good form stays in use. Undefined: all that fits the schema is good.
   */
  readonly problem?: (object: z.infer<Schema>) => ObjectProblem | undefined;
}

/** Why an object that fits its schema is good for nothing. */
export interface ObjectProblem {
  /** The end of a sentence that begins with the object: `holds a key that does not belong to its certificate`. */
  readonly problem: string;
  /** Path of the field. */
  readonly field: readonly string[];
}

/** Declares a kind; checks the form and keeps the narrow type. */
export function defineKind<const Schema extends z.ZodType>(definition: KindDefinition<Schema>): KindDefinition<Schema> {
  return definition;
}

/** The fields that every object has, for `z.strictObject({ ...head, spec })`. */
export const head = {
  apiVersion: z.string(),
  kind: z.string(),
  metadata,
};

/** `status` is read from nobody's file: it is let through whatever it holds. */
export const ignoredStatus = z.unknown().optional();

/** A TCP or UDP port number. */
export const port = z.int().min(1).max(65535);
