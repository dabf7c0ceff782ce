import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

interface ScramSecrets {
  /** The name of the hash function in node:crypto, such as `sha256`. */
  readonly hash: string;
  readonly password: string;
  readonly salt: Buffer;
  readonly iterations: number;
  /** The three messages that both sides sign, joined by commas. */
  readonly authMessage: string;
}

interface ScramProofs {
  /** The proof that the client knows the password. */
  readonly clientProof: Buffer;
  /** The signature that only a server with the user's credentials can make. */
  readonly serverSignature: Buffer;
}

/**
 * Computes what both sides of SCRAM prove (RFC 5802, section 3):
 *
 *     SaltedPassword  := Hi(password, salt, iterations)
 *     ClientKey       := HMAC(SaltedPassword, "Client Key")
 *     ClientSignature := HMAC(H(ClientKey), AuthMessage)
 *     ClientProof     := ClientKey XOR ClientSignature
 *     ServerSignature := HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage)
 *
 * The key derivation runs on a thread of libuv's pool, because it may take a second.
 */
export async function scramProofs(secrets: ScramSecrets): Promise<ScramProofs> {
  const { hash, password, salt, iterations, authMessage } = secrets;
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const keyBytes = createHash(hash).digest().length;
  const salted = await derive(password, salt, iterations, keyBytes, hash);
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const clientSignature = hmac(storedKey, authMessage);
  return {
    clientProof: Buffer.from(clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0))),
    serverSignature: hmac(hmac(salted, 'Server Key'), authMessage),
  };
}
