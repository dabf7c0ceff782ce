import { types } from 'node:util';

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * The connection to a broker could not be opened, or ended before the response arrived. The broker
 * may have carried out the request.
 */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost';
  readonly address: Address;

  constructor(address: Address, reason: string, options?: ErrorOptions) {
    super(`the connection to ${address.host}:${address.port} ${reason}`, options);
    this.address = address;
  }
}

/** The broker did not answer in time. Its connection is closed. */
export class RequestTimedOut extends ConnectionLost {
  override readonly name = 'RequestTimedOut';
}

/** The broker and the client do not agree on TLS or on credentials. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
}

const causesMax = 50;

/** Returns the error, its causes and the errors that it aggregates. */
export function causesOf(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < causesMax) {
    const next = waiting.shift();
    if (!types.isNativeError(next)) continue;
    found.push(next);
    waiting.push(
      next.cause,
      ...('errors' in next && Array.isArray(next.errors) ? (next.errors as unknown[]) : []),
    );
  }
  return found;
}

/** Error codes of Node.js about certificates, and of OpenSSL about handshakes. */
const certificate =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;
const handshake = /^(ERR_SSL_|EPROTO)/;

/**
 * Returns why the broker and the client cannot agree on TLS or credentials, and which setting to
 * change. Returns undefined for any other error.
 */
export function accessRefusal(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (certificate.test(code))
      return (
        `the broker's certificate is not accepted (${cause.message}): KAFKA_SSL_CA_FILE must contain the ` +
        'authority that signed it, and the certificate must name the host'
      );
    if (handshake.test(code))
      return (
        `the TLS handshake failed (${cause.message}): the broker may require a client certificate ` +
        '(KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE), or may not use TLS on this port'
      );
    if (cause instanceof AccessRefused) return cause.message;
  }
  return undefined;
}
