import type { Message, MessageName } from '../proto/message.ts';

/** The message inside an Any that `decode` opened; undefined where there is none or it is another message. */
export function opened<Name extends MessageName>(name: Name, any: unknown): Message<Name> | undefined {
  const type = (any as { readonly '@type'?: unknown } | null | undefined)?.['@type'];
  return type === `type.googleapis.com/${name}` ? (any as Message<Name>) : undefined;
}

/** Short name of the message inside an Any: `LeastRequest`. Undefined where there is none. */
export function openedName(any: unknown): string | undefined {
  const type = (any as { readonly '@type'?: unknown } | null | undefined)?.['@type'];
  return typeof type === 'string' ? type.slice(type.lastIndexOf('.') + 1) : undefined;
}
