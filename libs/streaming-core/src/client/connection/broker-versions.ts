import type { Connection } from '@platformatic/kafka';
import { apiVersions, type ApiVersionsResponse } from '../../protocol/apis/api-versions.ts';
import type { Api } from '../../protocol/api.ts';
import { ClientError } from '../client-error.ts';
import { accept, request } from './wire-request.ts';

/**
 * The version of ApiVersions with tags and features (KIP-584), which Apache Kafka serves since 2.4.
 */
const askedVersion = 3;
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

const known = new WeakMap<Connection, Promise<BrokerVersions>>();

/** Asks once per connection, because the brokers of a cluster differ during an upgrade. */
export function versionsOf(connection: Connection): Promise<BrokerVersions> {
  const asked = known.get(connection) ?? ask(connection);
  known.set(connection, asked);
  asked.catch(() => known.delete(connection));
  return asked;
}

async function ask(connection: Connection): Promise<BrokerVersions> {
  const client = { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' };
  const answer = await request(connection, apiVersions, askedVersion, client);
  accept(answer.errorCode);
  return brokerVersions(answer);
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
