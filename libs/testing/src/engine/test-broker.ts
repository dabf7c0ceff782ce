import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startKafka } from '../kafka/start-kafka.ts';
import { testEngine } from './test-engine.ts';

/** A broker for one test, of the engine that the suites run on. */
export interface TestBroker {
  /** `127.0.0.1:PORT` */
  readonly bootstrapServers: string;
  readonly port: number;
  /**
   * Takes the broker away (Apache Kafka is killed with kill -9), and returns a function that brings
   * it back at its address with its data.
   */
  lose(): Promise<() => Promise<void>>;
  /** Stops the broker and deletes its data. */
  stop(): Promise<void>;
}

export interface TestBrokerOptions {
  /** The port that clients are told to connect to, if they are to come through a proxy. */
  readonly advertisedPort?: number;
  /** Settings by Kafka's names, in addition to those that every test has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the embedded broker in a folder of its own, or Apache Kafka with
 * `MILLRACE_TEST_ENGINE=kafka`. The caller closes it, which deletes its data.
 */
export const startTestBroker = (options: TestBrokerOptions = {}): Promise<TestBroker> =>
  testEngine() === 'kafka' ? startKafkaBroker(options) : startEmbeddedBroker(options);

async function startEmbeddedBroker({
  advertisedPort,
  settings: properties,
}: TestBrokerOptions): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  const options = { dataFolder: folder, advertisedPort, properties };
  let broker = await startBroker({ ...options, port: 0 }).catch(async (error: unknown) => {
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
        broker = await startBroker({ ...options, port });
      };
    },
    stop: () => broker.close().finally(forget),
  };
}

async function startKafkaBroker({ advertisedPort, settings }: TestBrokerOptions): Promise<TestBroker> {
  const advertised: Readonly<Record<string, string>> =
    advertisedPort === undefined ? {} : { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}` };
  const { bootstrapServers, control, stop } = await startKafka({ settings: { ...settings, ...advertised } });
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
