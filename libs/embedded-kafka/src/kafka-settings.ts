import { randomBytes } from 'node:crypto';

/** The lines of a `server.properties` file, by name. */
export type KafkaSettings = Readonly<Record<string, string | number>>;

export interface NodeAddress {
  readonly nodeId: number;
  readonly host: string;
}

export interface BrokerAddress extends NodeAddress {
  /** The port for clients and other brokers. */
  readonly port: number;
}

export interface ControllerAddress extends NodeAddress {
  readonly controllerPort: number;
}

/**
 * Settings for one machine: groups answer at once, waits are short, and Kafka's own topics have as
 * many copies as there are brokers.
 */
const forOneMachine = (copies: number): KafkaSettings => ({
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.replication.factor': copies,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.replication.factor': copies,
  'transaction.state.log.min.isr': Math.min(copies, 2),
  'transaction.state.log.num.partitions': 5,
  'share.coordinator.state.topic.replication.factor': copies,
  'share.coordinator.state.topic.min.isr': Math.min(copies, 2),
  'share.coordinator.state.topic.num.partitions': 1,
  'auto.create.topics.enable': 'false',
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.dedupe.buffer.size': 2 * 1024 * 1024 + 1024,
  'log.cleaner.backoff.ms': 500,
  'log.retention.check.interval.ms': 1_000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
});

const listener = (name: string, host: string, port: number): string => `${name}://${host}:${port}`;

const voters = ({ nodeId, host, controllerPort }: ControllerAddress): KafkaSettings => ({
  'controller.quorum.voters': `${nodeId}@${host}:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
});

/**
 * Settings of one process that is broker and controller. After a kill -9 it may register again only
 * once its old session is over, so sessions are short.
 */
export const combinedNode = (node: BrokerAddress & ControllerAddress): KafkaSettings => ({
  ...forOneMachine(1),
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  ...voters(node),
  'process.roles': 'broker,controller',
  'node.id': node.nodeId,
  listeners: [
    listener('PLAINTEXT', node.host, node.port),
    listener('CONTROLLER', node.host, node.controllerPort),
  ].join(','),
  'advertised.listeners': listener('PLAINTEXT', node.host, node.port),
});

export interface ExtraListener {
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly host: string;
  readonly port: number;
}

/**
 * Adds listeners to a node's own, each with its security protocol. Clients reach each one at the
 * address on which it listens.
 */
export const withListeners = (settings: KafkaSettings, extra: readonly ExtraListener[]): KafkaSettings => {
  const added = (name: string, entries: readonly string[]) => [settings[name], ...entries].join(',');
  const addresses = extra.map(({ name, host, port }) => listener(name, host, port));
  const protocols = extra.map(({ name, protocol }) => `${name}:${protocol}`);
  return {
    ...settings,
    listeners: added('listeners', addresses),
    'advertised.listeners': added('advertised.listeners', addresses),
    'listener.security.protocol.map': added('listener.security.protocol.map', protocols),
  };
};

/** Settings of a broker in a cluster whose controller is a process of its own. */
export const brokerNode = (
  node: BrokerAddress,
  controller: ControllerAddress,
  copies: number,
): KafkaSettings => ({
  ...forOneMachine(copies),
  ...voters(controller),
  'process.roles': 'broker',
  'node.id': node.nodeId,
  listeners: listener('PLAINTEXT', node.host, node.port),
  'advertised.listeners': listener('PLAINTEXT', node.host, node.port),
  'default.replication.factor': copies,
});

/**
 * Settings of a controller that is a process of its own. `copies` is the replication factor of the
 * internal topics.
 */
export const controllerNode = (controller: ControllerAddress, copies: number): KafkaSettings => ({
  ...forOneMachine(copies),
  ...voters(controller),
  'process.roles': 'controller',
  'node.id': controller.nodeId,
  listeners: listener('CONTROLLER', controller.host, controller.controllerPort),
});

/** The settings as the text of a `server.properties` file. */
export const propertiesOf = (settings: KafkaSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');

/**
 * Returns a new cluster id in the form of Kafka's own tool: 16 random bytes in base64url, without a
 * leading dash, which would look like an option.
 */
export const newClusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A');
