import type { OwnKind } from './own-kinds.ts';
import { type JsonSchema, structuralSpec } from './structural-schema.ts';

/** The reference page of a kind. */
export function referencePage({ definition, summary, example }: OwnKind): string {
  const rows = rowsOf('spec', structuralSpec(definition));
  return [
    `# ${definition.kind}`,
    summary,
    `\`\`\`yaml\n${example}\`\`\``,
    'Durations are written as `1h`, `1m30s`, `250ms`. Fields in bold must be written.',
    ['| field | value | meaning |', '|---|---|---|', ...rows].join('\n'),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function rowsOf(path: string, schema: JsonSchema): readonly string[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, field]) => {
    const inner = field.type === 'array' && field.items ? field.items : field;
    const here = `${path}.${name}${field.type === 'array' ? '[]' : ''}`;
    const shown = required.includes(name) ? `**\`${here}\`**` : `\`${here}\``;
    const rules = [...rulesOf(field), ...(inner === field ? [] : rulesOf(inner))].map((message) => ` Rule: ${message}.`);
    return [`| ${shown} | ${valueText(inner)} | ${cell(`${field.description ?? ''}${rules.join('')}`)} |`, ...rowsOf(here, inner)];
  });
}

function rulesOf(schema: JsonSchema): readonly string[] {
  return (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
}

function valueText({ type, enum: values, minimum, maximum, pattern }: JsonSchema): string {
  if (values) return values.map((value) => `\`${value === '' ? '""' : String(value)}\``).join(', ');
  if (pattern?.includes('(h|m|s|ms)')) return 'duration';
  if (minimum === undefined && maximum === undefined) return type ?? '';
  return `${type} ${minimum} to ${maximum}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
