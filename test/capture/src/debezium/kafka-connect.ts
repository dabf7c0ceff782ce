import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installJars, installKafka, javaArguments } from '@millrace/embedded-kafka';
import { until } from '@millrace/testing/within';
import { ConnectRest } from '../connect-rest.ts';

const pomFile = join(import.meta.dirname, '../pom.xml');
const startMsMax = 400_000;

/** The version of Debezium that `pom.xml` names, such as `3.5.0.Final`. */
export const debeziumVersion = (): string =>
  /<debezium\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** The flags with which Kafka's own scripts start its Connect. */
const javaFlags = [
  '-Xms256M',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
];
const heapMegabytesMax = 2_048;

export interface KafkaConnectOptions {
  readonly bootstrapServers: string;
  readonly port: number;
  /** For its settings and its log. */
  readonly folder: string;
  readonly print?: (line: string) => void;
}

/** A JVM with Kafka's own Connect, in which Debezium's connectors are installed. */
export class KafkaConnect {
  readonly rest: ConnectRest;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(rest: ConnectRest, child: ChildProcess) {
    this.rest = rest;
    this.pid = child.pid ?? 0;
    this.#child = child;
  }

  /** Fetches the jars if that has not been done before. Resolves once its interface answers. */
  static async start({ bootstrapServers, port, folder, print }: KafkaConnectOptions): Promise<KafkaConnect> {
    const version = debeziumVersion();
    const wanted = { name: `Debezium ${version}`, folder: `debezium-${version}`, pomFile, megabytes: 60 };
    const plugins = await installJars(wanted, { print });
    const settings = join(folder, 'kafka-connect.properties');
    await writeFile(settings, propertiesOf(bootstrapServers, port, dirname(plugins)));
    const logFile = join(folder, 'kafka-connect.log');
    const child = spawnInto(logFile, await installKafka({ print }), settings);
    const rest = new ConnectRest(`http://127.0.0.1:${port}`);
    await until(
      async () => child.exitCode !== null || (await rest.answers()),
      (done) => done,
      startMsMax,
    );
    if (child.exitCode !== null)
      throw new Error(`Kafka's Connect has ended with ${child.exitCode}:\n${readFileSync(logFile, 'utf8')}`);
    return new KafkaConnect(rest, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

function spawnInto(logFile: string, jars: string, settings: string): ChildProcess {
  const [program, ...args] = javaArguments(
    {
      jars,
      mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
      args: [settings],
      heapMegabytesMax,
      javaFlags,
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

function propertiesOf(bootstrapServers: string, port: number, pluginPath: string): string {
  const json = 'org.apache.kafka.connect.json.JsonConverter';
  const settings = {
    'bootstrap.servers': bootstrapServers,
    'group.id': 'connect-cluster',
    'key.converter': json,
    'value.converter': json,
    'config.storage.topic': 'connect-configs',
    'offset.storage.topic': 'connect-offsets',
    'status.storage.topic': 'connect-status',
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.storage.partitions': '1',
    'status.storage.partitions': '1',
    listeners: `http://127.0.0.1:${port}`,
    'plugin.path': pluginPath,
    'plugin.discovery': 'service_load',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
