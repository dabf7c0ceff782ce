import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

/** AES-256-GCM as NIST SP 800-38D recommends it: nonces of 96 bits and tags of 128 bits. */
const algorithm = 'aes-256-gcm';
export const keyBytes = 32;
export const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a text and binds it to its context. The nonce must be random or new. With random nonces
 * a key may encrypt 2^32 texts (NIST SP 800-38D, 8.3).
 */
export function encrypt(key: KeyObject, nonce: Uint8Array, context: string, text: string): string {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context));
  const encrypted = cipher.update(text, 'utf8');
  cipher.final();
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined if the data was damaged, or encrypted with another key or for another context. */
export function decrypt(key: KeyObject, context: string, data: string): string | undefined {
  const bytes = Buffer.from(data, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8');
  try {
    return text + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
