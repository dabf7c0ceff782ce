import { randomBytes } from 'node:crypto';
import { saslAuthenticate, saslHandshake } from '../../protocol/apis/handshake.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept } from './accept.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { AccessRefused } from '../errors/connection-errors.ts';
import { exchangeOf, type SaslLogin } from './sasl/sasl-login.ts';

/** The version of SaslHandshake after which tokens travel in SaslAuthenticate (KIP-152). */
const handshakeVersion = 1;
const nonceBytes = 24;

/**
 * Authenticates a connection. Resolves to the lifetime of the session, which is 0 if it never
 * expires (KIP-368).
 */
export async function authenticate(
  connection: BrokerConnection,
  login: SaslLogin,
  timeoutMs: DurationMs,
): Promise<DurationMs> {
  const exchange = exchangeOf(login, randomBytes(nonceBytes).toString('base64url'));
  const { mechanism } = exchange;
  const agreed = await connection.request(saslHandshake, handshakeVersion, { mechanism }, timeoutMs);
  if (agreed.errorCode === errorCodes.UNSUPPORTED_SASL_MECHANISM)
    throw new AccessRefused(
      `the broker does not support ${mechanism}: set KAFKA_SASL_MECHANISM to one of ${agreed.mechanisms.join(', ')}`,
    );
  if (agreed.errorCode === errorCodes.ILLEGAL_SASL_STATE)
    throw new AccessRefused(
      'the broker expects no credentials on this port: set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SSL',
    );
  accept(agreed.errorCode);
  const version = connection.versions.newest(saslAuthenticate);
  let lifetimeMs = 0;
  let token: Buffer | undefined = await exchange.first();
  while (token !== undefined) {
    const answer = await connection.request(saslAuthenticate, version, { authBytes: token }, timeoutMs);
    if (answer.errorCode === errorCodes.SASL_AUTHENTICATION_FAILED)
      throw rejected(mechanism, answer.errorMessage);
    accept(answer.errorCode, answer.errorMessage);
    lifetimeMs = Number(answer.sessionLifetimeMs);
    token = await exchange.next(answer.authBytes);
  }
  return lifetimeMs;
}

const rejected = (mechanism: string, reason: string | null) =>
  new AccessRefused(
    `the broker rejected the credentials${reason ? ` (${reason})` : ''}: check KAFKA_SASL_MECHANISM, ` +
      (mechanism === 'OAUTHBEARER'
        ? 'KAFKA_SASL_OAUTHBEARER_CLIENT_ID and KAFKA_SASL_OAUTHBEARER_SCOPE'
        : 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'),
  );
