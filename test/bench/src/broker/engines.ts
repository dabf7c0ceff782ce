import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { combinedNode, installKafka, KafkaNode, newClusterId } from '@millrace/embedded-kafka';
import { freePorts } from '@millrace/testing/kafka';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { apiVersions, encodeRequest } from '@millrace/streaming-core/protocol';
import type { Subject } from './subjects.ts';

const retryMs = 2;
const limitMs = 120_000;

/** Resolves when the server at the address answers ApiVersions. Retries until then. */
async function firstAnswer(address: { readonly host: string; readonly port: number }): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await answers(address))) {
    if (performance.now() > deadline) throw new Error(`no server answers at ${address.host}:${address.port}`);
    await pause(retryMs);
  }
}

const request = Buffer.concat([
  ...encodeRequest(apiVersions, 0, { correlationId: 1, clientId: 'bench' }, {}),
]);

const answers = ({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('connect', () => socket.write(request));
    socket.on('data', () => end(true));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });

const host = '127.0.0.1';
const workspace = join(import.meta.dirname, '../../../..');

export interface Engine {
  readonly pid: number;
  readonly port: number;
  /** The time from the command to the first answer. NaN if it was not timed. */
  readonly startMs: number;
  stop(): Promise<void>;
}

interface OurEngine extends Engine {
  /** Ends the engine gracefully, so that it writes its last files. Call `stop` afterwards. */
  end(): Promise<void>;
}

/**
 * Starts the built broker as a process that ends with this one. `stop` deletes its folder, also one
 * that the caller gives.
 */
export async function startOurs(
  flush: 'commit' | 'none',
  nodeOptions: readonly string[] = [],
  givenFolder?: string,
): Promise<OurEngine> {
  const folder = givenFolder ?? (await mkdtemp(join(tmpdir(), 'millrace-bench-')));
  const [port = 0] = await freePorts(1);
  const env = {
    ...process.env,
    BROKER_PORT: String(port),
    BROKER_DATA: folder,
    BROKER_FLUSH: flush,
    BROKER_HTTP_PORT: '0',
    LOG_LEVEL: 'warn',
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, join(workspace, 'apps/broker/dist/main.js')], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const end = async () => {
    child.kill('SIGTERM');
    await ended(child);
  };
  const stop = async () => {
    child.kill('SIGKILL');
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([firstAnswer({ host, port }), died(child)]);
    return { pid: child.pid ?? 0, port, startMs: performance.now() - begun, end, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The JVM settings of Kafka's own start script, with its defaults for threads. They suit a long
 * run, not a fast start.
 */
const javaFlags = [
  '-Xms1g',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
];
const kafkaDefaults = { 'num.network.threads': 3, 'num.io.threads': 8, 'file.delete.delay.ms': 1_000 };

/** If timed, Kafka is started twice, since only the second start finds a formatted folder. */
export async function startKafka(options: { readonly timed: boolean }): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-kafka-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const node = new KafkaNode({
    name: 'Apache Kafka',
    jars: await installKafka(),
    folder,
    clusterId: newClusterId(),
    heapMegabytesMax: 1_024,
    javaFlags,
    bootstrapServer: `${host}:${port}`,
    settings: { ...combinedNode({ nodeId: 1, host, port, controllerPort }), ...kafkaDefaults },
  });
  const stop = async () => {
    await node.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await node.start();
    const startMs = options.timed ? await timedRestart(node, port) : NaN;
    return { pid: node.pid ?? 0, port, startMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function timedRestart(node: KafkaNode, port: number): Promise<number> {
  await node.stop();
  const begun = performance.now();
  await node.launch();
  await firstAnswer({ host, port });
  const startMs = performance.now() - begun;
  await node.ready();
  return startMs;
}

export const ourSubjects = (engine: Engine, flush: 'commit' | 'none'): readonly Subject[] => [
  {
    name: flush === 'commit' ? 'ours, fsync' : 'ours',
    host,
    port: engine.port,
    pid: engine.pid,
    topicConfigs: {},
  },
];

export const kafkaSubjects = (engine: Engine): readonly Subject[] => [
  { name: 'kafka', host, port: engine.port, pid: engine.pid, topicConfigs: {} },
  { name: 'kafka, fsync', host, port: engine.port, pid: engine.pid, topicConfigs: { 'flush.messages': '1' } },
];

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function died(child: ChildProcess): Promise<never> {
  await ended(child);
  throw new Error('our broker has ended: see its output above');
}
