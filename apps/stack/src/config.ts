import { resolve } from 'node:path';
import { topics } from '@millrace/contracts';
import {
  apacheKafka,
  listeners,
  withPorts,
  withScale,
  type LogDefinition,
  type Scale,
  type ServiceDefinition,
  type StackDefinition,
} from './definition/define-stack.ts';
import { keysOf } from './definition/keys.ts';
import { readClusterSettings, type ClusterSettings } from './setup/cluster-settings.ts';
import type { CheckPrograms } from './setup/check-programs.ts';
import { settingPrefix } from './definition/service-processes.ts';
import { budgetConnections, keysConnections } from './setup/connections.ts';

export interface StackSettings<Services extends string = string> {
  /**
   * The stack with the requested processes and with the ports from the environment, where 0 means
   * any free port.
   */
  readonly definition: StackDefinition<Services>;
  /** An absolute path. */
  readonly dataFolder: string;
  /** The log level, which is passed on to the services and the broker. */
  readonly logLevel: string;
  readonly connections: number;
  readonly keysConnections: number;
  /**
   * How long a part may go without answering before it is killed and restarted. 0 means that it is
   * never killed.
   */
  readonly unansweredMsMax: number;
  /** Whether operators may kill and pause parts, to see how the system heals. */
  readonly faults: boolean;
  readonly cluster: ClusterSettings;
  /** Lines to print about settings that are allowed but may surprise. */
  readonly notices: readonly string[];
}

export interface SettingSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An absolute path. */
  readonly workspace: string;
  readonly replicas: ReadonlyMap<string, number>;
  /** The names of the services to split, or `all`. */
  readonly split: ReadonlySet<string>;
  readonly kafka: boolean;
  readonly console: boolean;
  readonly basePort?: number;
  readonly checkPrograms: CheckPrograms;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Reads the settings from the environment: `MILLRACE_DATA` (absolute, or relative to the
 * workspace), `LOG_LEVEL`, `MILLRACE_UNANSWERED_MS_MAX`, `MILLRACE_FAULTS`, a port for each part, the
 * size of each service's connection pool, and the existing Kafka cluster and keys database if there are
 * any. An empty variable counts as absent. Throws a one-line error that lists every wrong setting, including those of the
 * services and the broker.
 */
export function readSettings<Services extends string>(
  sketch: StackDefinition<Services>,
  { environment, workspace, replicas, split, kafka, console, basePort, checkPrograms }: SettingSources,
): StackSettings<Services> {
  const scale = scaleOf(sketch, { replicas, split });
  const problems: string[] = [];
  const cluster = readClusterSettings(environment, problems);
  const given = (name: string) => environment[name]?.trim() || undefined;
  const keys = keysOf(sketch.keys, given('KEYS_DATABASE_URL'), problems);
  const engines = {
    ...sketch,
    keys,
    log: kafka ? kafkaLog(cluster) : sketch.log,
    console: console ? sketch.console : undefined,
  };
  const definition = basePort === undefined ? engines : withBasePort(engines, basePort);
  const ports = new Map<string, number>();
  for (const { label, portSetting } of listeners(withScale(definition, scale))) {
    const text = given(portSetting);
    if (text === undefined) continue;
    const port = portOf(text);
    if (port === undefined)
      problems.push(`${portSetting}=${text} must be a whole number from 0 (any free port) to 65535`);
    else ports.set(label, port);
  }
  const logLevel = logLevelOf(given('LOG_LEVEL'), problems);
  const unansweredMsMax = unansweredOf(given('MILLRACE_UNANSWERED_MS_MAX'), problems);
  const faults = faultsOf(given('MILLRACE_FAULTS'), problems);
  const wanted = withPorts(withScale(withPorts(definition, ports), scale), ports);
  const dataFolder = resolve(workspace, given('MILLRACE_DATA') ?? dataFolderName(kafka, basePort));
  problems.push(
    ...relayProblems(wanted, given),
    ...portProblems(wanted),
    ...checkPrograms(wanted, { environment, dataFolder, logLevel }),
  );
  if (problems.length > 0)
    throw new Error(
      `wrong setting${problems.length > 1 ? 's' : ''}: ${problems.join('; ')}. ` +
        `Correct or unset ${problems.length > 1 ? 'them' : 'it'}`,
    );
  const connections = budgetConnections(wanted, (app) =>
    poolSizeOf(given(`${settingPrefix(app)}_DATABASE_POOL_SIZE`)),
  );
  return {
    definition: wanted,
    dataFolder,
    logLevel,
    connections,
    keysConnections: keysConnections(wanted),
    unansweredMsMax,
    faults,
    cluster,
    notices: standbyNotices(wanted),
  };
}

const dataFolderName = (kafka: boolean, basePort?: number): string =>
  ['.millrace', ...(kafka ? ['kafka'] : []), ...(basePort === undefined ? [] : [basePort])].join('-');

/** The distance of the ports of everything but the services from the base port. */
const offsets = {
  CONSOLE_PORT: 10,
  POSTGRES_PORT: 80,
  KEYS_PORT: 81,
  BROKER_PORT: 82,
  BROKER_HTTP_PORT: 83,
  SMTP_PORT: 84,
  KAFKA_CONTROLLER_PORT: 85,
} as const;

/** The distance of the first optional app: the roles of the services listen below it. */
const firstAppOffset = 41;

/**
 * Returns the stack with every port counted from a base: the first process of the n-th service at
 * base + n and of the n-th optional app at base + 40 + n, and from there its operators, roles and
 * replicas as usual.
 */
function withBasePort<Services extends string>(
  definition: StackDefinition<Services>,
  basePort: number,
): StackDefinition<Services> {
  const engines = listeners({ ...definition, services: {} }).map(({ label, portSetting }) => {
    const offset = (offsets as Readonly<Record<string, number>>)[portSetting];
    if (offset === undefined) throw new Error(`${portSetting} has no place above the base port`);
    return [label, basePort + offset] as const;
  });
  const optional = Object.keys(definition.apps);
  const services = Object.keys(definition.services).map((name, index) => {
    const place = optional.indexOf(name);
    return [name, basePort + (place === -1 ? 1 + index : firstAppOffset + place)] as const;
  });
  return withPorts(definition, new Map([...engines, ...services]));
}

const kafkaPort = 9092;

const kafkaLog = ({ bootstrapServers }: ClusterSettings): LogDefinition =>
  bootstrapServers === undefined
    ? apacheKafka({ port: kafkaPort })
    : { engine: 'existing', bootstrapServers };

const portMax = 65_535;

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= portMax ? port : undefined;
}

function logLevelOf(text = 'info', problems: string[]): string {
  if (logLevels.includes(text)) return text;
  problems.push(`LOG_LEVEL=${text} must be one of ${logLevels.join(', ')}`);
  return 'info';
}

const unansweredMsByDefault = 20_000;
const unansweredMsMin = 1_000;
const unansweredMsMost = 3_600_000;

function unansweredOf(text: string | undefined, problems: string[]): number {
  if (text === undefined) return unansweredMsByDefault;
  const wanted = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (wanted === 0 || (wanted >= unansweredMsMin && wanted <= unansweredMsMost)) return wanted;
  problems.push(
    `MILLRACE_UNANSWERED_MS_MAX=${text} must be 0 (never) or a whole number from ${unansweredMsMin} to ` +
      `${unansweredMsMost}`,
  );
  return unansweredMsByDefault;
}

function faultsOf(text = '0', problems: string[]): boolean {
  if (text !== '0' && text !== '1') problems.push(`MILLRACE_FAULTS=${text} must be 0 or 1`);
  return text === '1';
}

/**
 * Returns undefined for anything but a number. The service itself refuses that, with an example.
 */
const poolSizeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;

function scaleOf({ services, apps }: StackDefinition, { replicas, split }: Scale): Scale {
  const definitions: Readonly<Record<string, ServiceDefinition>> = services;
  const names = Object.keys(services);
  const refuseUnknown = (name: string, option: string) => {
    if (names.includes(name)) return;
    if (name in apps) throw new Error(`${option}: start the optional app too, with --with ${name}`);
    throw new Error(`${option}: there is no service ${name}; the services are ${names.join(', ')}`);
  };
  for (const [name, count] of replicas) {
    refuseUnknown(name, `--replicas ${name}=${count}`);
    if (count < 1) throw new Error(`--replicas ${name}=${count}: a service needs at least one process`);
    const why = definitions[name]?.oneProcess;
    if (count > 1 && why !== undefined)
      throw new Error(`--replicas ${name}=${count}: ${name} has to run as one process, because ${why}`);
  }
  if (split.has('all')) return { replicas, split: new Set(names.filter((name) => !(name in apps))) };
  for (const name of split) {
    refuseUnknown(name, `--split ${name}`);
    if (name in apps)
      throw new Error(`--split ${name}: an optional app has one role; give --replicas ${name}=2`);
  }
  return { replicas, split };
}

const partitions = Math.max(...topics.map((topic) => topic.partitions));

/**
 * A group may have more members than partitions, because the others take over at once. The notice
 * is for operators who expect more throughput.
 */
const standbyNotices = ({ services }: StackDefinition): readonly string[] =>
  Object.entries(services).flatMap(([name, { processes }]) => {
    const members = processes.filter(({ role }) => role === undefined || role === 'worker').length;
    const idle = members - partitions;
    return idle > 0
      ? [
          `${name}: ${members} processes share ${partitions} partitions: ` +
            `${idle} stand${idle === 1 ? 's' : ''} by to take over from the others`,
        ]
      : [];
  });

/** A relay would report this too, but only once everything runs. */
function relayProblems(
  { services }: StackDefinition,
  given: (name: string) => string | undefined,
): readonly string[] {
  if (given('RELAY') !== 'cdc' || 'connect' in services || given('RELAY_CONNECT_URL') !== undefined)
    return [];
  return ['RELAY=cdc needs a Connect worker: add --with connect, or name one in RELAY_CONNECT_URL'];
}

function portProblems(definition: StackDefinition): readonly string[] {
  const owners = new Map<number, string>();
  return listeners(definition).flatMap(({ port, portSetting, label, orAnyFree }) => {
    if (port === 0 || orAnyFree) return [];
    if (port > portMax) return [`${label} would listen on ${port}, above ${portMax}: set ${portSetting}`];
    const owner = owners.get(port);
    owners.set(port, portSetting);
    return owner === undefined
      ? []
      : [`${owner} and ${portSetting} are both ${port}: give each a port of its own`];
  });
}
