import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../within.ts';
import { freePorts } from './free-ports.ts';
import { kafkaTool } from './kafka-tool.ts';

export interface KafkaConnectOptions {
  /** `127.0.0.1:PORT` of a broker. */
  readonly bootstrapServers: string;
  /** A folder with a folder of jars for each further plugin. */
  readonly pluginPath?: string;
  /** Lines of the properties of the worker, in addition to those that every test needs. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A worker of Kafka's own Connect, in distributed mode. All that it knows is on the log. */
export interface KafkaConnect {
  readonly url: string;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

const startMsMax = 150_000;
const runMsMax = 900_000;

/** Starts a worker, and resolves once its REST interface answers. Rejects with what it printed. */
export async function startKafkaConnect(options: KafkaConnectOptions): Promise<KafkaConnect> {
  const { bootstrapServers, pluginPath, settings = {} } = options;
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'kafka-connect-'));
  const file = join(folder, 'worker.properties');
  const all = {
    'bootstrap.servers': bootstrapServers,
    'group.id': 'java-cluster',
    'config.storage.topic': 'connect-configs',
    'offset.storage.topic': 'connect-offsets',
    'status.storage.topic': 'connect-status',
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.flush.interval.ms': '500',
    listeners: url,
    'plugin.discovery': 'hybrid_warn',
    ...(pluginPath !== undefined && { 'plugin.path': pluginPath }),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  const stopping = new AbortController();
  let outcome: string | undefined;
  const ended = kafkaTool('org.apache.kafka.connect.cli.ConnectDistributed', [file], {
    heapMegabytesMax: 512,
    limitMs: runMsMax,
    signal: stopping.signal,
  })
    .catch(String)
    .then((text) => (outcome = text))
    .finally(() => rm(folder, { recursive: true, force: true }));
  const kill = async () => {
    stopping.abort();
    await ended;
  };
  const answers = async () => {
    if (outcome !== undefined) throw new Error(`Kafka Connect has ended: ${outcome}`);
    const answer = await fetch(`${url}/connectors`).catch(() => undefined);
    return answer?.ok === true;
  };
  try {
    await until(answers, (ready) => ready, startMsMax);
  } catch (error) {
    await kill();
    throw error;
  }
  return { url, kill };
}
