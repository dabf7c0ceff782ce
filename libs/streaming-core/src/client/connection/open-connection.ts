import { randomBytes } from 'node:crypto';
import { apiVersions, saslAuthenticate, saslHandshake } from '../../protocol/apis/handshake.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept } from './accept.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerConnection, type WireSettings } from './broker-connection.ts';
import { brokerVersions } from './broker-versions.ts';
import { openSocket, type SocketSettings } from './open-socket.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { AccessRefused } from '../errors/connection-errors.ts';
import { exchangeOf, type SaslLogin } from './sasl/sasl-login.ts';

export interface OpeningSettings extends WireSettings, SocketSettings {
  /** How long a broker may take to answer each request of the handshake. */
  readonly metadataTimeoutMs: DurationMs;
}

/**
 * The version of ApiVersions with tags and features (KIP-584), which Apache Kafka serves since 2.4.
 */
const askedVersion = 3;
/** The part of a session's lifetime after which it is replaced. */
const lifetimeUsed = 0.8;

interface ConnectionListener {
  /** Called when the session will soon end, so that another connection can take over (KIP-368). */
  onExpiring(): void;
  /** Called when the broker has not answered a request in time, before the request fails. */
  onSilence(): void;
}

/** Connects to a broker, asks for its API versions and authenticates. */
export async function openConnection(
  address: BrokerAddress,
  settings: OpeningSettings,
  { onExpiring, onSilence }: ConnectionListener,
): Promise<BrokerConnection> {
  const { clock, metadataTimeoutMs, security } = settings;
  const socket = await openSocket(address, settings);
  const connection = new BrokerConnection(socket, address, settings, onSilence);
  try {
    const client = { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' };
    const answer = await connection.request(apiVersions, askedVersion, client, metadataTimeoutMs);
    accept(answer.errorCode);
    connection.versions = brokerVersions(answer);
    if (security.sasl === undefined) return connection;
    const lifetimeMs = await authenticate(connection, security.sasl, metadataTimeoutMs);
    if (lifetimeMs > 0) void connection.ended.then(clock.after(lifetimeMs * lifetimeUsed, onExpiring));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The version of SaslHandshake after which tokens travel in SaslAuthenticate (KIP-152). */
const handshakeVersion = 1;
const nonceBytes = 24;

/**
 * Authenticates a connection. Resolves to the lifetime of the session, which is 0 if it never
 * expires (KIP-368).
 */
async function authenticate(
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
