import { type Decoded, decodeRaw } from '../proto/codec.ts';
import type { MessageName } from '../proto/message.ts';

let last: { readonly bytes: Uint8Array; readonly message: Decoded } | undefined;

/** The decoded message. What was decoded last is not decoded again: whoever checks a message then looks for what it refers to. */
export function decodedOnce(name: MessageName, bytes: Uint8Array): Decoded {
  if (last?.bytes !== bytes) last = { bytes, message: decodeRaw(name, bytes) };
  return last.message;
}
