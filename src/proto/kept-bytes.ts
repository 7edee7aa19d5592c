/**
 * Bytes that stay for long, copied into memory of their own. Node cuts small buffers out of slabs of 64 KiB, which stay as
 * long as anything in them: a few hundred bytes that stay among others that go would keep all of a slab.
 * @see https://nodejs.org/api/buffer.html#static-method-bufferallocunsafesize
 */
export function keptBytes(bytes: Uint8Array): Buffer {
  const kept = Buffer.allocUnsafeSlow(bytes.length);
  kept.set(bytes);
  return kept;
}
