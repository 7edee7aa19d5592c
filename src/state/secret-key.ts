import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from 'node:crypto';

/** Encrypts what only the holder of the key may read: AES-256-GCM. */
export interface SecretKey {
  /** Tells keys apart without giving anything away. */
  readonly id: string;
  /** @param name is bound to the content: it opens under no other one. */
  seal(name: string, content: Buffer): Buffer;
  /** Undefined where it was sealed by another key or under another name, or was changed. */
  open(name: string, sealed: Buffer): Buffer | undefined;
  /** Another secret for a purpose, always the same, in hexadecimal; it tells nothing of the key. */
  derived(purpose: string): string;
}

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** A key as its file has it: 32 bytes, or those in hexadecimal or base64. Undefined where it is none of them. */
export function secretKeyOf(file: Buffer): SecretKey | undefined {
  const key = keyIn(file);
  return key && secretKey(key);
}

function keyIn(file: Buffer): Buffer | undefined {
  if (file.length === keyBytes) return file;
  const text = file.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text);
  return isBase64 ? Buffer.from(text, 'base64') : undefined;
}

function secretKey(key: Buffer): SecretKey {
  return {
    id: hash('sha256', Buffer.concat([Buffer.from('sluice state key '), key]), 'hex').slice(0, 8),
    seal(name, content) {
      // A nonce of chance: one key may seal 2^32 times.
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(name));
      const body = Buffer.concat([sealing.update(content), sealing.final()]);
      return Buffer.concat([nonce, sealing.getAuthTag(), body]);
    },
    open(name, sealed) {
      try {
        const opening = createDecipheriv(cipher, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
          .setAAD(Buffer.from(name))
          .setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
        return Buffer.concat([opening.update(sealed.subarray(nonceBytes + tagBytes)), opening.final()]);
      } catch {
        // The tag does not fit, which is all that can be said.
        return undefined;
      }
    },
    derived: (purpose) => createHmac('sha256', key).update(`sluice ${purpose}`).digest('hex'),
  };
}
