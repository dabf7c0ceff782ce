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
  /** The data folder, which is kept. By default a temporary one, which `stop` deletes. */
  readonly folder?: string;
  /** Any free port by default. */
  readonly port?: number;
  readonly heapMegabytesMax?: number;
  /** Lines of `server.properties` in addition to those that every test needs. */
  readonly settings?: KafkaSettings;
  /** Listeners beside the one in plain text. */
  readonly listeners?: readonly ExtraListener[];
}

/** The control that a test has over a broker's process. */
export type KafkaControl = Pick<KafkaNode, 'pid' | 'kill' | 'start' | 'freeze' | 'thaw' | 'logFile'>;

export interface Kafka {
  readonly bootstrapServers: readonly string[];
  readonly control: KafkaControl;
  /**
   * Stops the node. It shuts down properly if its data folder is kept; otherwise it is killed and
   * its folder deleted.
   */
  stop(): Promise<void>;
}

/**
 * Starts one node of Apache Kafka on loopback, with broker and controller in one process. Resolves
 * once it answers. If it does not, nothing is left.
 */
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
