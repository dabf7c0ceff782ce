import type { Connection } from '@platformatic/kafka';
import { apiVersions, type ApiVersionsResponse } from '../../protocol/apis/api-versions.ts';
import type { Api } from '../../protocol/api.ts';
import { ClientError } from '../client-error.ts';
import { accept, request } from './wire-request.ts';

/** With tags and features (KIP-584): Apache Kafka 2.4 and later. */
const askedVersion = 3;
const transactionFeature = 'transaction.version';

/** What the broker behind a connection speaks. */
export interface BrokerVersions {
  /** The newest that both know, up to `max`. Throws where there is none. */
  newest(api: Pick<Api, 'key' | 'name' | 'versions'>, max?: number): number;
  /** Level of `transaction.version` in the cluster: from 2 on, KIP-890's protocol. */
  readonly transactionVersion: number;
}

const known = new WeakMap<Connection, Promise<BrokerVersions>>();

/** Asked once per connection: brokers of a cluster differ during an upgrade. */
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
          `the broker speaks no version of ${name} that this client knows`,
        );
      return version;
    },
  };
}
