/** Memory of smaller buffers may be shared with others, and is not worth it. */
const leastBytes = 32 * 1024;
/** What may stand before a message in its memory: its head, as gRPC writes it. */
const headBytes = 5;

/**
 * Gives the memory of a large buffer back, which nobody may read any more. Left to the garbage collector, messages to and from
 * many clients at once would make it look through all objects again for every 64 MiB, which costs far more than to send or read them.
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  const isOwn = buffer.byteLength >= leastBytes && buffer.byteLength - byteLength <= headBytes;
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
