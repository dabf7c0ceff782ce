import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type Broker, type BrokerOptions } from '@millrace/streaming-core/broker';
import { createTopics, WireClient } from '@millrace/streaming-core/protocol';

export interface BrokerOnFolder {
  readonly dataFolder: string;
  /** `127.0.0.1:PORT`. It stays the same after a restart. */
  readonly address: string;
  makeTopic(name: string, partitions?: number, configs?: Readonly<Record<string, string>>): Promise<void>;
  /** Restarts the broker. `whileDown` may change the folder in between. */
  restart(whileDown?: () => void): Promise<void>;
  /** Stops the broker and deletes the data. */
  stop(): Promise<void>;
}

export async function openBroker(flush: BrokerOptions['flush']): Promise<BrokerOnFolder> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-kcat-'));
  const forget = () => rm(dataFolder, { recursive: true, force: true });
  const start = (port: number) => startBroker({ dataFolder, port, flush });
  let broker = await start(0).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  return {
    dataFolder,
    address: `${broker.host}:${broker.port}`,
    makeTopic: (name, partitions = 1, configs = {}) => makeTopic(broker, name, partitions, configs),
    async restart(whileDown) {
      await broker.close();
      whileDown?.();
      broker = await start(broker.port);
    },
    stop: () => broker.close().finally(forget),
  };
}

async function makeTopic(
  broker: Broker,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>>,
): Promise<void> {
  const client = await WireClient.connect(broker);
  const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const { topics } = await client.send(createTopics, 7, {
    topics: [{ name, numPartitions, replicationFactor: 1, configs: settings }],
  });
  client.close();
  if (topics[0]?.errorCode !== 0)
    throw new Error(`${name} was not created: ${topics[0]?.errorMessage ?? 'no answer'}`);
}
