import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto';

/** How many bytes a key has. */
export const sealingKeyBytes = 32;

const nonceBytes = 12;
const tagBytes = 16;

/** Seals texts and opens what was sealed with the same key. */
export interface Sealing {
  /** The same for the same text: a resource that holds it stays the same on every replica and after every start. */
  seal(text: string): string;
  /** Undefined where it was sealed with another key, or by nobody. */
  open(sealed: string): string | undefined;
}

/**
 * Lets one part of Sluice hand a text to another through those who must not read it, as Envoy: AES-256-GCM, whose nonce is a MAC of the text.
 * So a nonce comes twice for the same text alone.
 * @param key of 32 bytes.
 */
export function createSealing(key: KeyObject): Sealing {
  const [encryption, nonces] = ['encryption', 'nonces'].map((use) => createHmac('sha256', key).update(`sluice ${use}`).digest()) as [Buffer, Buffer];
  return {
    seal(text) {
      const nonce = createHmac('sha256', nonces).update(text).digest().subarray(0, nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, nonceBytes));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
      } catch {
        // Node tells of a wrong tag by an exception; there is nothing else to be told.
        return undefined;
      }
    },
  };
}
