import { hash } from 'node:crypto';
import type { Origin } from '../diagnostic.ts';
import { encode } from '../proto/codec.ts';
import type { Message, MessageName } from '../proto/message.ts';
import { type Resource, type ResourceType, typeUrls } from '../resource.ts';

/** The message behind each type of resource, by the dotted name of its type URL. */
type MessageNameOf<Type extends ResourceType> = (typeof typeUrls)[Type] extends `type.googleapis.com/${infer Name extends MessageName}` ? Name : never;

/**
 * Makes a resource of a message. Its version is the start of the SHA-256 of its bytes, 64 bits as 16 hexadecimal
 * characters: equal content has equal versions on every replica and after every restart (promise 5).
 * @param name the name by which others refer to the resource; the message holds it too.
 * @throws {Error} where the literal cannot be encoded, which is a bug of ours.
 */
export function resource<Type extends ResourceType>(type: Type, name: string, message: Message<MessageNameOf<Type>>, origins: readonly Origin[]): Resource {
  const messageName = typeUrls[type].slice('type.googleapis.com/'.length) as MessageNameOf<Type>;
  const bytes = encode(messageName, message);
  return { type, name, version: hash('sha256', bytes, 'hex').slice(0, 16), bytes, origins };
}
