import { types } from 'node:util';

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
    if (cause.message.startsWith('Broker requires TLS'))
      return 'the broker requires TLS: set KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL';
    if (cause.message.startsWith('TLS handshake failed'))
      return (
        'the broker aborted the TLS handshake: if this port does not use TLS, ' +
        'set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT'
      );
    if (cause.message.startsWith('Cannot find a suitable SASL mechanism'))
      return 'the broker does not support this SASL mechanism: set KAFKA_SASL_MECHANISM to one that it supports';
    if (code === 'PLT_KFK_AUTHENTICATION')
      return (
        'the broker rejected the credentials: check KAFKA_SASL_MECHANISM, ' +
        'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'
      );
  }
  return undefined;
}

const causesMax = 50;

/** Returns the error, its causes and the errors that it aggregates. */
function causesOf(error: unknown): readonly Error[] {
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
