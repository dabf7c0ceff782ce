import { apiVersions } from '../../protocol/apis/handshake.ts';
import { describeCluster } from '../../protocol/apis/cluster.ts';
import { accept } from '../connection/accept.ts';
import type { ClusterBroker } from '../connection/topic-lookup.ts';
import type { AdminCalls, CallOptions } from './admin-calls.ts';

export interface ClusterDescription {
  readonly clusterId: string;
  /** The id of a broker that takes requests for the controller, or -1 if there is none. */
  readonly controllerId: number;
  readonly brokers: readonly ClusterBroker[];
}

/** A feature that all brokers must support, such as `transaction.version` (KIP-584). */
export interface ClusterFeature {
  readonly name: string;
  /** The levels that the broker supports. */
  readonly supportedMin: number;
  readonly supportedMax: number;
  /** The level that the cluster uses, or 0 if the feature is off. */
  readonly level: number;
}

export interface ClusterAdmin {
  describe(options?: CallOptions): Promise<ClusterDescription>;
  /**
   * Returns the features that the broker supports, by name. Apache Kafka before 4.0 leaves out
   * features whose lowest level is 0 (KAFKA-17011).
   */
  features(options?: CallOptions): Promise<ReadonlyMap<string, ClusterFeature>>;
}

export class ClusterCalls implements ClusterAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  describe(options?: CallOptions): Promise<ClusterDescription> {
    return this.#calls.persistently(
      'describing the cluster',
      async () => {
        const connection = await this.#calls.brokers.anyConnection();
        const version = connection.versions.newest(describeCluster);
        const answer = await connection.request(describeCluster, version, {
          includeClusterAuthorizedOperations: false,
        });
        accept(answer.errorCode, answer.errorMessage);
        const { clusterId, controllerId, brokers } = answer;
        return {
          clusterId,
          controllerId,
          brokers: brokers.map(({ brokerId: nodeId, host, port, rack }) => ({ nodeId, host, port, rack })),
        };
      },
      options,
    );
  }

  features(options?: CallOptions): Promise<ReadonlyMap<string, ClusterFeature>> {
    return this.#calls.persistently(
      'asking for the features',
      async () => {
        const connection = await this.#calls.brokers.anyConnection();
        const answer = await connection.request(apiVersions, connection.versions.newest(apiVersions), {
          clientSoftwareName: 'millrace',
          clientSoftwareVersion: '1',
        });
        accept(answer.errorCode);
        const levels = new Map(
          answer.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]),
        );
        return new Map(
          answer.supportedFeatures.map(({ name, minVersion, maxVersion }) => {
            const level = levels.get(name) ?? 0;
            return [name, { name, supportedMin: minVersion, supportedMax: maxVersion, level }];
          }),
        );
      },
      options,
    );
  }
}
