import type { Message } from '../../proto/message.ts';

/** Texts by name, at any depth. */
export interface Texts {
  readonly [name: string]: string | Texts;
}

/** Texts as a protobuf structure, which scripts read as tables. */
export function structOf(texts: Texts): Message<'google.protobuf.Struct'> {
  const fields = Object.entries(texts).map(
    ([name, value]) => [name, typeof value === 'string' ? { stringValue: value } : { structValue: structOf(value) }] as const,
  );
  return { fields: Object.fromEntries(fields) };
}
