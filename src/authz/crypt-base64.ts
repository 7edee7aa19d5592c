const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * A digest as crypt(3) writes it: groups of up to three bytes, the lowest six bits first.
 * @param groups indexes of bytes, the highest first.
 */
export function cryptBase64(digest: Buffer, groups: readonly (readonly number[])[]): string {
  return groups
    .map((group) =>
      encoded(
        group.reduce((value, index) => value * 256 + (digest[index] ?? 0), 0),
        Math.ceil((group.length * 8) / 6),
      ),
    )
    .join('');
}

function encoded(value: number, characters: number): string {
  return Array.from({ length: characters }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('');
}
