import { types } from 'node:util';

/** What Node.js says of a certificate, and OpenSSL of a handshake. */
const certificate =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;
const handshake = /^(ERR_SSL_|EPROTO)/;

/** Why a broker and a client do not come to terms about TLS or credentials, and which setting decides it; undefined where it is something else. */
export function accessRefusal(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (certificate.test(code))
      return `the broker's certificate is not accepted (${cause.message}): KAFKA_SSL_CA_FILE has to hold the authority that signed it, and it has to name the host`;
    if (handshake.test(code))
      return `the TLS handshake failed (${cause.message}): the broker may ask for a certificate of the client, KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE, or speak no TLS`;
    if (cause.message.startsWith('Broker requires TLS'))
      return 'the broker speaks TLS: set KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL';
    if (cause.message.startsWith('TLS handshake failed'))
      return 'the broker broke off the TLS handshake: does this port speak TLS? If not, set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT';
    if (cause.message.startsWith('Cannot find a suitable SASL mechanism'))
      return 'the broker does not take this SASL mechanism: set KAFKA_SASL_MECHANISM to one that it has';
    if (code === 'PLT_KFK_AUTHENTICATION')
      return 'the broker refuses the credentials: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
  }
  return undefined;
}

const causesMax = 50;

/** The error itself, what it was caused by, and what it sums up. */
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
