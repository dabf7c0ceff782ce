import { apiVersions } from '../../protocol/apis/handshake.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept } from './accept.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerConnection, type WireSettings } from './broker-connection.ts';
import { brokerVersions } from './broker-versions.ts';
import { openSocket, type SocketSettings } from './open-socket.ts';
import { authenticate } from './authenticate.ts';

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

export interface ConnectionListener {
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
