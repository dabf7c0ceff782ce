import { apiVersions } from '../../protocol/apis/api-versions.ts';
import type { DurationMs } from '../../runtime/index.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerConnection, type WireSettings } from './broker-connection.ts';
import { brokerVersions } from './broker-versions.ts';
import { accept } from './accept.ts';
import { openSocket, type SocketSettings } from './open-socket.ts';

export interface OpeningSettings extends WireSettings, SocketSettings {
  /** How long a broker may take to answer each request of the handshake. */
  readonly metadataTimeoutMs: DurationMs;
}

/**
 * The version of ApiVersions with tags and features (KIP-584), which Apache Kafka serves since 2.4.
 */
const askedVersion = 3;

/** Connects to a broker, asks for its API versions and authenticates. */
export async function openConnection(
  address: BrokerAddress,
  settings: OpeningSettings,
  _onExpiring: () => void,
): Promise<BrokerConnection> {
  const connection = new BrokerConnection(await openSocket(address, settings), address, settings);
  try {
    const answer = await connection.request(
      apiVersions,
      askedVersion,
      { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' },
      settings.metadataTimeoutMs,
    );
    accept(answer.errorCode);
    connection.versions = brokerVersions(answer);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
