import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  combinedNode,
  installKafka,
  KafkaNode,
  newClusterId,
  withListeners,
  type ExtraListener,
  type KafkaSettings,
} from '@millrace/embedded-kafka';
import { freePorts } from './free-ports.ts';

export interface KafkaOptions {
  /** Kept; a temporary one that goes with `stop` by default. */
  readonly folder?: string;
  /** A free one by default. */
  readonly port?: number;
  readonly heapMegabytesMax?: number;
  /** Lines of `server.properties` beyond those that every test needs. */
  readonly settings?: KafkaSettings;
  /** Beside the one in plain text. */
  readonly listeners?: readonly ExtraListener[];
}

/** What of a broker's process a test may do. */
export type KafkaControl = Pick<KafkaNode, 'pid' | 'kill' | 'start' | 'freeze' | 'thaw' | 'logFile'>;

export interface Kafka {
  readonly bootstrapServers: readonly string[];
  readonly control: KafkaControl;
  /** A kept data folder is closed properly; a temporary one is deleted, after a kill. */
  stop(): Promise<void>;
}

/** One node of Apache Kafka, broker and controller in one process, on loopback. Resolves once it answers; nothing is left of one that does not. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const { heapMegabytesMax = 512, settings = {}, listeners = [] } = options;
  const jars = await installKafka();
  const [free = 0, controllerPort = 0] = await freePorts(2);
  const port = options.port ?? free;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'millrace-kafka-')));
  const bootstrapServer = `127.0.0.1:${port}`;
  const node = new KafkaNode({
    name: `Apache Kafka at ${bootstrapServer}`,
    jars,
    folder,
    heapMegabytesMax,
    bootstrapServer,
    clusterId: newClusterId(),
    settings: {
      ...withListeners(combinedNode({ nodeId: 1, host: '127.0.0.1', port, controllerPort }), listeners),
      ...settings,
    },
  });
  const stop = async () => {
    if (options.folder !== undefined) return node.stop();
    await node.kill();
    await rm(folder, { recursive: true, force: true });
  };
  await node.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { bootstrapServers: [bootstrapServer], control: node, stop };
}
