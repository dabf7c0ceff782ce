import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startKafka } from '../kafka/start-kafka.ts';
import { testEngine } from './test-engine.ts';

/** A broker of a test's own, of the engine that the suites run on. */
export interface TestBroker {
  /** `127.0.0.1:PORT` */
  readonly bootstrapServers: string;
  readonly port: number;
  /** Takes it away, Apache Kafka by kill -9, and returns the way to bring it back at its address with its data. */
  lose(): Promise<() => Promise<void>>;
  /** With its data. */
  stop(): Promise<void>;
}

export const startTestBroker = (): Promise<TestBroker> => (testEngine() === 'kafka' ? startKafkaBroker() : startEmbeddedBroker());

async function startEmbeddedBroker(): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  let broker = await startBroker({ dataFolder: folder, port: 0 }).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  const { port } = broker;
  return {
    bootstrapServers: `127.0.0.1:${port}`,
    port,
    async lose() {
      await broker.close();
      return async () => {
        broker = await startBroker({ dataFolder: folder, port });
      };
    },
    stop: () => broker.close().finally(forget),
  };
}

async function startKafkaBroker(): Promise<TestBroker> {
  const { bootstrapServers, control, stop } = await startKafka();
  const [server = ''] = bootstrapServers;
  return {
    bootstrapServers: server,
    port: Number(server.split(':')[1]),
    async lose() {
      await control.kill();
      return () => control.start();
    },
    stop,
  };
}
