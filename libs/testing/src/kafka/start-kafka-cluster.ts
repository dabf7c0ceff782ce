import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  brokerNode,
  controllerNode,
  installKafka,
  KafkaNode,
  newClusterId,
  type BrokerAddress,
  type ControllerAddress,
  type KafkaSettings,
} from '@millrace/embedded-kafka';
import { freePorts } from './free-ports.ts';

/** The place of a process of the cluster: loopback, or a network namespace by its address there. */
export interface NodePlace {
  readonly host: string;
  /** The command in front of `java`, such as `ip netns exec NAME`. */
  readonly launcher?: readonly string[];
}

export interface KafkaClusterOptions {
  /** The number of brokers, three by default. */
  readonly brokers?: number;
  /** The place of each broker, loopback by default. */
  readonly places?: readonly NodePlace[];
  readonly controllerPlace?: NodePlace;
  readonly heapMegabytesMax?: number;
  /** Lines of every process's `server.properties`. */
  readonly settings?: KafkaSettings;
}

export interface KafkaBroker extends Pick<
  KafkaNode,
  'name' | 'pid' | 'start' | 'launch' | 'ready' | 'kill' | 'freeze' | 'thaw' | 'logFile'
> {
  /** The number that Kafka's tools print, counted from 1. */
  readonly nodeId: number;
  readonly bootstrapServer: string;
}

export interface KafkaCluster {
  readonly bootstrapServers: readonly string[];
  readonly brokers: readonly KafkaBroker[];
  readonly broker: (nodeId: number) => KafkaBroker;
  /** The folder with the data, settings and `server.log` of each process. */
  readonly folder: string;
  /** Kills every process and deletes the folder, unless `keepData` is set. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

const loopback: NodePlace = { host: '127.0.0.1' };
const controllerId = 100;
const controllerHeapMegabytes = 192;

/**
 * Settings with which losses are noticed soon, and which keep everything that the guarantees depend
 * on.
 */
const clusterDefaults: KafkaSettings = {
  'min.insync.replicas': 2,
  'unclean.leader.election.enable': 'false',
  'broker.session.timeout.ms': 6_000,
  'broker.heartbeat.interval.ms': 1_000,
  'replica.lag.time.max.ms': 5_000,
  'replica.fetch.wait.max.ms': 250,
};

/**
 * Starts a KRaft cluster of brokers and a controller. The controller is a process of its own, so
 * the cluster can still elect leaders when most brokers are gone. By default, topics have a copy on
 * every broker and need two of them. Resolves once every broker answers. If one does not start,
 * nothing is left.
 */
export async function startKafkaCluster(options: KafkaClusterOptions = {}): Promise<KafkaCluster> {
  const {
    brokers: count = 3,
    places = Array<NodePlace>(count).fill(loopback),
    controllerPlace = loopback,
    settings = {},
  } = options;
  if (places.length !== count)
    throw new Error(`${count} brokers but ${places.length} places: give one place for each broker`);
  const jars = await installKafka();
  const [controllerPort = 0, ...ports] = await freePorts(count + 1);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
  const controller: ControllerAddress = { nodeId: controllerId, host: controllerPlace.host, controllerPort };
  const shared = { jars, clusterId: newClusterId() };
  const controllerProcess = new KafkaNode({
    ...shared,
    ...launcherOf(controllerPlace),
    name: 'the controller',
    folder: join(folder, 'controller'),
    heapMegabytesMax: controllerHeapMegabytes,
    settings: { ...controllerNode(controller, count), ...clusterDefaults, ...settings },
  });
  const brokers = places.map((place, index) => {
    const address: BrokerAddress = { nodeId: index + 1, host: place.host, port: ports[index] ?? 0 };
    const bootstrapServer = `${address.host}:${address.port}`;
    const node = new KafkaNode({
      ...shared,
      ...launcherOf(place),
      name: `broker ${address.nodeId}`,
      folder: join(folder, `broker-${address.nodeId}`),
      heapMegabytesMax: options.heapMegabytesMax ?? 384,
      bootstrapServer,
      settings: { ...brokerNode(address, controller, count), ...clusterDefaults, ...settings },
    });
    return Object.assign(node, { nodeId: address.nodeId, bootstrapServer });
  });
  const stop = async ({ keepData = false } = {}) => {
    await Promise.all([controllerProcess, ...brokers].map((node) => node.kill()));
    if (!keepData) await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([controllerProcess, ...brokers].map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bootstrapServers: brokers.map(({ bootstrapServer }) => bootstrapServer),
    brokers,
    broker: find(brokers),
    folder,
    stop,
  };
}

const launcherOf = ({ launcher }: NodePlace) => (launcher ? { launcher } : {});

const find = (brokers: readonly KafkaBroker[]) => (nodeId: number) => {
  const found = brokers.find((broker) => broker.nodeId === nodeId);
  if (found === undefined) throw new Error(`the cluster has no broker ${nodeId}`);
  return found;
};
