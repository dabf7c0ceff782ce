import { refused } from './sasl-exchange.ts';

/** The GS2 header: no channel binding, no authorization identity. */
export const gs2Header = 'n,,';

/** The bounds of the iteration count. RFC 7677 sets the lower one. */
const iterationsMin = 4_096;
const iterationsMax = 1_000_000;

/** Writes a user name as a SCRAM message has it (RFC 5802, section 5.1). */
export const scramName = (username: string): string => username.replaceAll('=', '=3D').replaceAll(',', '=2C');

interface ServerFirst {
  /** The message as it was received, which both signatures cover. */
  readonly text: string;
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/**
 * Reads the broker's first message. Throws unless its nonce extends that of the client and the
 * iteration count is within the bounds, so that nothing is computed for a wrong one.
 */
export function readServerFirst(mechanism: string, message: Buffer, clientNonce: string): ServerFirst {
  const text = asText(mechanism, message);
  throwServerError(mechanism, text);
  if (text.startsWith('m='))
    throw refused(mechanism, 'the broker requires an extension of SCRAM that this client does not support');
  const [, nonce = '', saltText = '', iterationText = ''] =
    /^r=([\x21-\x2b\x2d-\x7e]+),s=([^,]*),i=([1-9]\d{0,9})(?:,.*)?$/s.exec(text) ?? [];
  if (nonce === '') throw refused(mechanism, 'the first message of the broker is malformed');
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length)
    throw refused(mechanism, 'the nonce of the broker does not extend the nonce of this client');
  const iterations = Number(iterationText);
  if (iterations < iterationsMin || iterations > iterationsMax)
    throw refused(
      mechanism,
      `the broker asks for ${iterations} iterations, but this client computes ${iterationsMin} to ` +
        `${iterationsMax}: create the user's credentials with a count within these bounds`,
    );
  const salt = fromBase64(saltText);
  if (salt === undefined || salt.length === 0)
    throw refused(mechanism, 'the salt in the first message of the broker is not base64');
  return { text, nonce, salt, iterations };
}

/** Reads the broker's final message, and returns the signature with which it proves itself. */
export function readServerFinal(mechanism: string, message: Buffer): Buffer {
  const text = asText(mechanism, message);
  throwServerError(mechanism, text);
  const [, verifier = ''] = /^v=([^,]*)(?:,.*)?$/s.exec(text) ?? [];
  const signature = fromBase64(verifier);
  if (signature === undefined || signature.length === 0)
    throw refused(
      mechanism,
      'the final message of the broker is malformed, so the broker has proven nothing',
    );
  return signature;
}

/** The server errors of RFC 5802, section 7. Others are not quoted, since a peer chooses them. */
const serverErrors: ReadonlySet<string> = new Set([
  'invalid-encoding',
  'extensions-not-supported',
  'invalid-proof',
  'channel-bindings-dont-match',
  'server-does-support-channel-binding',
  'channel-binding-not-supported',
  'unsupported-channel-binding-type',
  'unknown-user',
  'invalid-username-encoding',
  'no-resources',
  'other-error',
]);

function throwServerError(mechanism: string, text: string): void {
  if (!text.startsWith('e=')) return;
  const [name = ''] = text.slice('e='.length).split(',', 1);
  throw refused(
    mechanism,
    `the broker rejected the credentials (${serverErrors.has(name) ? name : 'other-error'}): ` +
      'check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
  );
}

function asText(mechanism: string, message: Buffer): string {
  if (message.length === 0)
    throw refused(mechanism, 'the broker ended the exchange without proving that it knows the password');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
  } catch {
    throw refused(mechanism, 'the message of the broker is not UTF-8');
  }
}

function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
