import type { Origin } from '../diagnostic.ts';
import { encode } from '../proto/codec.ts';
import { keptBytes } from '../proto/kept-bytes.ts';
import type { Message } from '../proto/message.ts';
import { type MessageNameOf, messageNameOf, type Resource, type ResourceType, versionOf } from '../resource.ts';

/**
 * Makes a resource of a message; its version is that of its bytes.
 * @param name the name by which others refer to the resource; the message holds it too.
 * @throws {Error} where the literal cannot be encoded, which is a bug of ours.
 */
export function resource<Type extends ResourceType>(type: Type, name: string, message: Message<MessageNameOf<Type>>, origins: readonly Origin[]): Resource {
  return encoded(type, name, keptBytes(encode(messageNameOf(type), message)), origins);
}

/** The same of a message that is encoded already. */
export function encoded(type: ResourceType, name: string, bytes: Uint8Array, origins: readonly Origin[]): Resource {
  const version = versions.get(bytes) ?? versionOf(bytes);
  versions.set(bytes, version);
  return { type, name, version, bytes, origins };
}

/** By the bytes, which never change: a large table may be the same in many builds. */
const versions = new WeakMap<Uint8Array, string>();
