import { hash } from 'node:crypto';
import type { Origin } from '../diagnostic.ts';
import { encode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import { type MessageNameOf, messageNameOf, type Resource, type ResourceType } from '../resource.ts';

/**
 * Makes a resource of a message. Its version is the start of the SHA-256 of its bytes, 64 bits as 16 hexadecimal
 * characters: equal content has equal versions on every replica and after every restart (promise 5).
 * @param name the name by which others refer to the resource; the message holds it too.
 * @throws {Error} where the literal cannot be encoded, which is a bug of ours.
 */
export function resource<Type extends ResourceType>(type: Type, name: string, message: Message<MessageNameOf<Type>>, origins: readonly Origin[]): Resource {
  const bytes = encode(messageNameOf(type), message);
  return { type, name, version: hash('sha256', bytes, 'hex').slice(0, 16), bytes, origins };
}
