import type { Message } from '../../proto/message.ts';

/** Texts by name, at any depth. */
export interface Texts {
  readonly [name: string]: string | Texts;
}

/** What JSON can say as a protobuf structure, which scripts read as tables. */
export function structOf(values: Readonly<Record<string, unknown>>): Message<'google.protobuf.Struct'> {
  return { fields: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, protobufValue(value)])) };
}

function protobufValue(value: unknown): Message<'google.protobuf.Value'> {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(protobufValue) } };
  return value === null || value === undefined ? { nullValue: 'NULL_VALUE' } : { structValue: structOf(value as Readonly<Record<string, unknown>>) };
}
