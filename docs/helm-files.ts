import { stringify } from 'yaml';
import { z } from 'zod';
import { helmValues } from './helm-values.ts';
import type { JsonSchema } from './structural-schema.ts';

/** What old Helm can read as well. */
const schema = z.toJSONSchema(helmValues, { io: 'input', target: 'draft-7' }) as JsonSchema;
const defaults = helmValues.parse({});

/** `values.schema.json` of the chart. */
export const valuesSchema = (): string => `${JSON.stringify(schema, null, 2)}\n`;

/** `values.yaml` of the chart: every value with its default, and what it does above it. */
export function valuesFile(): string {
  return `# Made by \`npm run docs\`.\n${lines(schema, defaults, '').join('\n')}\n`;
}

/** The table of the page: every value with its default. */
export function valuesTable(): string {
  const rows = leaves(schema, defaults, '').map(({ path, value, doc }) => `| \`${path}\` | \`${JSON.stringify(value)}\` | ${doc.replaceAll('|', '\\|')} |`);
  return ['| value | default | |', '|---|---|---|', ...rows].join('\n');
}

function lines(of: JsonSchema, values: Readonly<Record<string, unknown>>, indent: string): readonly string[] {
  return fieldsOf(of, values).flatMap(({ name, field, value }) => {
    const comment = field.description === undefined ? [] : [`${indent}# ${field.description}`];
    if (isGroup(field, value)) return [...comment, `${indent}${name}:`, ...lines(field, value, `${indent}  `)];
    const text = stringify({ [name]: value }, { version: '1.1', lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }).trimEnd();
    return [...comment, ...text.split('\n').map((line) => `${indent}${line}`)];
  });
}

function leaves(of: JsonSchema, values: Readonly<Record<string, unknown>>, prefix: string): readonly { path: string; value: unknown; doc: string }[] {
  return fieldsOf(of, values).flatMap(({ name, field, value }) =>
    isGroup(field, value) ? leaves(field, value, `${prefix}${name}.`) : [{ path: `${prefix}${name}`, value, doc: field.description ?? '' }],
  );
}

function fieldsOf({ properties = {} }: JsonSchema, values: Readonly<Record<string, unknown>>) {
  return Object.entries(properties).flatMap(([name, field]) => (name in values ? [{ name, field, value: values[name] }] : []));
}

const isGroup = (field: JsonSchema, value: unknown): value is Readonly<Record<string, unknown>> => field.properties !== undefined && typeof value === 'object';
