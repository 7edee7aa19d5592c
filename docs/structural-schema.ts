import { z } from 'zod';
import type { KindDefinition } from '../src/kind/kind.ts';

/** A JSON schema, as far as the kinds use it. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
  readonly [keyword: string]: unknown;
}

/** The schema of a whole object, for editors. */
export function editorSchema({ schema, group, versions, kind }: KindDefinition): JsonSchema {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  const properties = { ...json.properties, apiVersion: { const: `${group}/${versions[0]}` }, kind: { const: kind } };
  return { ...json, title: kind, properties };
}

/** The schema of `spec`, as a CRD may hold it: structural, without keywords that Kubernetes refuses. @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export function structuralSpec(kind: KindDefinition): JsonSchema {
  const spec = editorSchema(kind).properties?.['spec'];
  if (!spec) throw new Error(`${kind.kind} has no spec`);
  return structural(spec);
}

function structural({ additionalProperties, propertyNames: _names, const: only, properties, items, ...rest }: JsonSchema): JsonSchema {
  return {
    ...rest,
    // A map; objects with fields are closed there without a word.
    ...(typeof additionalProperties === 'object' && { additionalProperties: structural(additionalProperties) }),
    ...(only === undefined ? {} : { enum: [only] }),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, structural(schema)])) }),
    ...(items && { items: structural(items) }),
  };
}
