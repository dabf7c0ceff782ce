import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKafka, javaArguments, propertiesOf } from '@millrace/embedded-kafka';
import { until } from '../within.ts';
import { freePorts } from './free-ports.ts';

export interface KafkaConnectOptions {
  /** `127.0.0.1:PORT` of a broker. */
  readonly bootstrapServers: string;
  /** A folder with a folder of jars for each further plugin. */
  readonly pluginPath?: string;
  /** Lines of the properties of the worker, in addition to those that every test needs. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly heapMegabytesMax?: number;
  /** Flags of Java to use instead of those for a quick start. */
  readonly javaFlags?: readonly string[];
}

/** A worker of Kafka's own Connect, in distributed mode. All that it knows is on the log. */
export interface KafkaConnect {
  readonly url: string;
  readonly pid: number;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

const startMsMax = 400_000;

/** Starts a worker, and resolves once its REST interface answers. Rejects with what it printed. */
export async function startKafkaConnect(options: KafkaConnectOptions): Promise<KafkaConnect> {
  const jars = await installKafka();
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'kafka-connect-'));
  const file = join(folder, 'worker.properties');
  const log = join(folder, 'worker.log');
  await writeFile(file, propertiesOf(settingsOf(url, options)));
  const worker = startJava(jars, file, log, options);
  const isRunning = () => worker.exitCode === null && worker.signalCode === null;
  const kill = async () => {
    if (isRunning()) {
      const exited = once(worker, 'exit');
      worker.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const answers = async () => {
    if (!isRunning()) throw new Error(`Kafka Connect has ended: ${readFileSync(log, 'utf8')}`);
    const answer = await fetch(`${url}/connectors`).catch(() => undefined);
    return answer?.ok === true;
  };
  try {
    await until(answers, (ready) => ready, startMsMax);
  } catch (error) {
    await kill();
    throw error;
  }
  return { url, pid: worker.pid ?? 0, kill };
}

const settingsOf = (url: string, { bootstrapServers, pluginPath, settings }: KafkaConnectOptions) => ({
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
  'plugin.discovery': 'service_load',
  ...(pluginPath !== undefined && { 'plugin.path': pluginPath }),
  ...settings,
});

/** Its output goes to a file, because a full pipe would block it. */
function startJava(
  jars: string,
  properties: string,
  logFile: string,
  { heapMegabytesMax = 512, javaFlags }: KafkaConnectOptions,
): ChildProcess {
  const [program, ...args] = javaArguments(
    {
      jars,
      mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
      args: [properties],
      heapMegabytesMax,
      ...(javaFlags !== undefined && { javaFlags }),
      diesWithParent: true,
    },
    'WARN',
  );
  const log = openSync(logFile, 'a');
  try {
    return spawn(program, args, { stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}
