import type { ApiVersionsResponse } from '../../protocol/apis/handshake.ts';
import type { Api } from '../../protocol/schema.ts';
import { ClientError } from '../errors/client-error.ts';

const transactionFeature = 'transaction.version';

/** The API versions that the broker of a connection supports. */
export interface BrokerVersions {
  /** Returns the newest version that both support, up to `max`. Throws if there is none. */
  newest(api: Pick<Api, 'key' | 'name' | 'versions'>, max?: number): number;
  /**
   * Level of `transaction.version` in the cluster. From level 2 on, transactions use the protocol
   * of KIP-890.
   */
  readonly transactionVersion: number;
}

export function brokerVersions({ apiKeys, finalizedFeatures = [] }: ApiVersionsResponse): BrokerVersions {
  return {
    transactionVersion:
      finalizedFeatures.find(({ name }) => name === transactionFeature)?.maxVersionLevel ?? 0,
    newest({ key, name, versions }, max = versions.max) {
      const theirs = apiKeys.find(({ apiKey }) => apiKey === key);
      const version = Math.min(theirs?.maxVersion ?? -1, versions.max, max);
      if (version < Math.max(versions.min, theirs?.minVersion ?? 0))
        throw new ClientError(
          'broker_error',
          `the broker supports no version of ${name} that this client knows`,
        );
      return version;
    },
  };
}
