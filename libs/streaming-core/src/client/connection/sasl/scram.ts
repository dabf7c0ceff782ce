import { timingSafeEqual, createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { preparedText, refused, stepwiseExchange, type SaslExchange } from './sasl-exchange.ts';
import { gs2Header, readServerFinal, readServerFirst, scramName } from './scram-messages.ts';

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

const hashes = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const;
export type ScramMechanism = keyof typeof hashes;

interface ScramOptions {
  readonly mechanism: ScramMechanism;
  readonly username: string;
  readonly password: () => string;
  /** Random text for this exchange alone: printable ASCII without a comma. */
  readonly nonce: string;
}

/**
 * SCRAM (RFC 5802, RFC 7677) without channel binding. The password never leaves the client, and the
 * exchange is complete only once the broker has proven that it knows the user's credentials.
 */
export function scramExchange({ mechanism, username, password, nonce }: ScramOptions): SaslExchange {
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce))
    throw new TypeError('the nonce of SCRAM must be printable ASCII without a comma');
  let firstBare = '';
  let expectedSignature: Buffer | undefined;

  function first(): Buffer {
    firstBare = `n=${scramName(preparedText(mechanism, 'username', username))},r=${nonce}`;
    return Buffer.from(`${gs2Header}${firstBare}`);
  }

  async function prove(answer: Buffer): Promise<Buffer> {
    const serverFirst = readServerFirst(mechanism, answer, nonce);
    const withoutProof = `c=${Buffer.from(gs2Header).toString('base64')},r=${serverFirst.nonce}`;
    const { clientProof, serverSignature } = await scramProofs({
      hash: hashes[mechanism],
      password: preparedText(mechanism, 'password', password()),
      salt: serverFirst.salt,
      iterations: serverFirst.iterations,
      authMessage: `${firstBare},${serverFirst.text},${withoutProof}`,
    });
    expectedSignature = serverSignature;
    return Buffer.from(`${withoutProof},p=${clientProof.toString('base64')}`);
  }

  function verify(answer: Buffer): undefined {
    const signature = readServerFinal(mechanism, answer);
    if (signature.length !== expectedSignature?.length || !timingSafeEqual(signature, expectedSignature))
      throw refused(
        mechanism,
        'the broker has not proven that it knows the password: its signature is wrong',
      );
  }

  return stepwiseExchange({ mechanism, first, answers: [prove, verify] });
}
