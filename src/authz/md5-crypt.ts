import { createHash } from 'node:crypto';
import { cryptBase64 } from './crypt-base64.ts';

const groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];

const md5 = (...parts: readonly Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();

/**
 * MD5 as crypt(3) of FreeBSD made it (`$1$`), and as Apache does with a name of its own (`$apr1$`).
 * @param magic what stands before the salt, dollars included.
 * @param salt at most eight characters of it count.
 * @returns all of the hash.
 * @see https://httpd.apache.org/docs/current/misc/password_encryptions.html
 */
export function md5Crypt(password: Buffer, magic: '$1$' | '$apr1$', salt: string): string {
  const short = Buffer.from(salt.slice(0, 8), 'latin1');
  const inner = md5(password, short, password);
  const bits: Buffer[] = [];
  for (let left = password.length; left > 0; left >>= 1) bits.push((left & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let digest = md5(password, Buffer.from(magic), short, repeated(inner, password.length), ...bits);
  for (let round = 0; round < 1000; round += 1) {
    const [first, last] = round % 2 === 1 ? [password, digest] : [digest, password];
    digest = md5(first, ...(round % 3 === 0 ? [] : [short]), ...(round % 7 === 0 ? [] : [password]), last);
  }
  return `${magic}${short.toString('latin1')}$${cryptBase64(digest, groups)}`;
}

/** Bytes over and over, cut to a length. */
export function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}
