import type { Origin } from '../diagnostic.ts';
import { encode } from '../proto/codec.ts';
import { tableParts } from '../proto/encoded-table.ts';
import { keptBytes } from '../proto/kept-bytes.ts';
import type { Message } from '../proto/message.ts';
import { type MessageNameOf, messageNameOf, type Resource, type ResourceType, versionOf } from '../resource.ts';
import { tableResource } from '../route-table.ts';

/**
 * Makes a resource of a message; its version is that of its bytes.
 * @param name the name by which others refer to the resource; the message holds it too.
 * @throws {Error} where the literal cannot be encoded, which is a bug of ours.
 */
export function resource<Type extends ResourceType>(type: Type, name: string, message: Message<MessageNameOf<Type>>, origins: readonly Origin[]): Resource {
  const bytes = keptBytes(encode(messageNameOf(type), message));
  return type === 'routes' ? tableResource(name, tableParts(bytes), () => origins) : { type, name, version: versionOf(bytes), bytes, origins };
}
