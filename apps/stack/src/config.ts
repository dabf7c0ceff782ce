import { resolve } from 'node:path';
import { topics } from '@millrace/contracts';
import {
  apacheKafka,
  listeners,
  settingPrefix,
  withPorts,
  withReplicas,
  type LogDefinition,
  type StackDefinition,
} from './define-stack.ts';
import { readClusterSettings, type ClusterSettings } from './setup/cluster-settings.ts';
import { budgetConnections } from './setup/connections.ts';

export interface StackSettings<Services extends string = string> {
  /** With the processes that are wanted and the ports that the environment asks for; 0: a free one. */
  readonly definition: StackDefinition<Services>;
  /** Absolute. */
  readonly dataFolder: string;
  /** What the services and the broker accept, passed on to them. */
  readonly logLevel: string;
  /** So many PostgreSQL is started with. */
  readonly connections: number;
  readonly cluster: ClusterSettings;
}

export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workspace: string;
  /** How many processes of a service; one where it is not named. */
  readonly replicas: ReadonlyMap<string, number>;
  /** On Apache Kafka. */
  readonly kafka: boolean;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * What the environment says: `MILLRACE_DATA` (absolute, or relative to the workspace), `LOG_LEVEL`, a port for each part, how many
 * connections a service's process takes, and the Kafka cluster, if there is one already. An empty variable counts as absent. Throws one line that lists every wrong setting.
 */
export function readSettings<Services extends string>(
  sketch: StackDefinition<Services>,
  { environment, workspace, replicas, kafka }: SettingSources,
): StackSettings<Services> {
  assertReplicas(sketch, replicas);
  const problems: string[] = [];
  const cluster = readClusterSettings(environment, problems);
  const definition = { ...sketch, log: kafka ? kafkaLog(cluster) : sketch.log };
  const given = (name: string) => environment[name]?.trim() || undefined;
  const ports = new Map<string, number>();
  for (const { label, portSetting } of listeners(withReplicas(definition, replicas))) {
    const text = given(portSetting);
    if (text === undefined) continue;
    const port = portOf(text);
    if (port === undefined) problems.push(`${portSetting}=${text} must be a whole number from 0 (any free port) to 65535`);
    else ports.set(label, port);
  }
  const logLevel = given('LOG_LEVEL') ?? 'info';
  if (!logLevels.includes(logLevel)) problems.push(`LOG_LEVEL=${logLevel} must be one of ${logLevels.join(', ')}`);
  if (problems.length > 0)
    throw new Error(`wrong setting${problems.length > 1 ? 's' : ''}: ${problems.join('; ')}. Correct or unset the environment variable`);
  const wanted = withPorts(withReplicas(withPorts(definition, ports), replicas), ports);
  assertPorts(wanted);
  const connections = budgetConnections(wanted, (app) => poolSizeOf(given(`${settingPrefix(app)}_DATABASE_POOL_SIZE`)));
  return {
    definition: wanted,
    dataFolder: resolve(workspace, given('MILLRACE_DATA') ?? (kafka ? '.millrace-kafka' : '.millrace')),
    logLevel,
    connections,
    cluster,
  };
}

const kafkaPort = 9092;

const kafkaLog = ({ bootstrapServers }: ClusterSettings): LogDefinition =>
  bootstrapServers === undefined ? apacheKafka({ port: kafkaPort }) : { engine: 'existing', bootstrapServers };

const portMax = 65_535;

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= portMax ? port : undefined;
}

/** What is no number is refused by the service itself, with an example. */
const poolSizeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;

/** One more process than partitions would have nothing to do. */
const replicasMax = Math.max(...topics.map(({ partitions }) => partitions));

function assertReplicas({ services }: StackDefinition, replicas: ReadonlyMap<string, number>): void {
  for (const [name, count] of replicas) {
    if (!Object.hasOwn(services, name))
      throw new Error(`--replicas ${name}=${count}: there is no service ${name}, there are ${Object.keys(services).join(', ')}`);
    if (count < 1 || count > replicasMax)
      throw new Error(
        `--replicas ${name}=${count}: a service has 1 to ${replicasMax} processes, since its topics have ${replicasMax} partitions`,
      );
  }
}

function assertPorts(definition: StackDefinition): void {
  const owners = new Map<number, string>();
  for (const { port, portSetting, label } of listeners(definition).filter((part) => part.port !== 0)) {
    if (port > portMax) throw new Error(`wrong settings: ${label} would listen on ${port}, above ${portMax}: set ${portSetting}`);
    const owner = owners.get(port);
    if (owner !== undefined) throw new Error(`wrong settings: ${owner} and ${portSetting} are both ${port}. Give each a port of its own`);
    owners.set(port, portSetting);
  }
}
