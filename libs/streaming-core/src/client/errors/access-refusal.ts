import { causesOf } from './causes.ts';
import { AccessRefused } from './connection-errors.ts';

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
