import { days, type TopicShape } from '@millrace/streaming-core/contract';
import type { KeysDefinition } from './keys.ts';
import {
  type Listening,
  firstOf,
  processesOf,
  splitProcessesOf,
  type Processes,
  type ServiceProcess,
} from './service-processes.ts';

/** A service, or an optional app. */
export interface ServiceDefinition {
  /** Folder under `apps/`. */
  readonly app: string;
  /** Its own database, which its processes share. An optional app may have none. */
  readonly database?: string;
  /** Whether each process keeps state in a folder of its own. */
  readonly state?: true;
  /** Whether its first process gets the folder of the log files of all processes. */
  readonly logFiles?: true;
  /** Why several processes of it would give wrong answers. */
  readonly oneProcess?: string;
  /** Topics of its own, which the setup step creates beside those of `libs/contracts`. */
  readonly topics?: readonly AppTopic[];
  /** The database of the read models that follow the topics, if they have one of their own. */
  readonly readDatabase?: string;
  /** Whether the service has read models that follow the topics, which need a projector. */
  readonly readModels?: true;
  readonly personalData?: true;
  /** The processes share the service's partitions. */
  readonly processes: Processes;
}

interface AppTopic extends TopicShape {
  /**
   * The data about people that the topic's records contain in plain text. The catalogue of topics shows it.
   */
  readonly people?: string;
}

/** The log that keeps the messages. A service cannot tell one engine from the other. */
export type LogDefinition = EmbeddedLog | KafkaLog | ExistingLog;

export interface EmbeddedLog extends Listening {
  readonly engine: 'embedded';
  /** The port of its metrics and health checks. */
  readonly sidePort: Listening;
}

/** A broker of Apache Kafka that the stack starts. */
interface KafkaLog extends Listening {
  readonly engine: 'kafka';
  readonly controller: Listening;
}

interface ExistingLog {
  readonly engine: 'existing';
  readonly bootstrapServers: readonly string[];
}

export interface StackDefinition<Services extends string = string> {
  readonly database: Listening;
  readonly keys: KeysDefinition;
  readonly log: LogDefinition;
  readonly mail: Listening;
  /** The console. Absent in a stack that runs without it. */
  readonly console?: Listening;
  readonly services: Readonly<Record<Services, ServiceDefinition>>;
  /** Optional apps, none of which runs unless `withApps` adds it to the services. */
  readonly apps: Readonly<Record<string, ServiceDefinition>>;
}

interface Port {
  readonly port: number;
}

export const embeddedPostgres = ({ port }: Port): Listening => ({
  port,
  label: 'PostgreSQL',
  portSetting: 'POSTGRES_PORT',
});

const broker = { label: 'broker', portSetting: 'BROKER_PORT' } as const;

export const embeddedBroker = ({ port, sidePort }: Port & { readonly sidePort: number }): EmbeddedLog => ({
  engine: 'embedded',
  port,
  ...broker,
  sidePort: {
    port: sidePort,
    label: 'broker metrics',
    portSetting: 'BROKER_HTTP_PORT',
    orAnyFree: true,
  },
});

export const apacheKafka = ({ port }: Port): KafkaLog => ({
  engine: 'kafka',
  port,
  ...broker,
  controller: { port: 0, label: 'controller', portSetting: 'KAFKA_CONTROLLER_PORT' },
});

export const consoleApp = ({ port }: Port): Listening => ({
  port,
  label: 'console',
  portSetting: 'CONSOLE_PORT',
  orAnyFree: true,
});

export const mailSink = ({ port }: Port): Listening => ({ port, label: 'mail', portSetting: 'SMTP_PORT' });

interface ServiceSketch extends Port, Pick<ServiceDefinition, 'app' | 'readModels' | 'personalData'> {}

interface AppSketch extends Port, Pick<ServiceDefinition, 'app' | 'state' | 'logFiles' | 'oneProcess'> {
  /** Whether it has a database, `millrace_APP`, with the migrations of its folder. */
  readonly database?: true;
  /** Topics of its own by their names. */
  readonly topics?: Readonly<Record<string, TopicSketch>>;
}

type TopicSketch = Pick<AppTopic, 'partitions' | 'retentionBytes' | 'people'> & {
  readonly retentionDays: number;
};

interface StackSketch<Services extends string> {
  readonly database: Listening;
  readonly keys: KeysDefinition;
  readonly log: EmbeddedLog;
  readonly mail: Listening;
  /** The console. Absent in a stack that runs without it. */
  readonly console?: Listening;
  readonly services: Readonly<Record<Services, ServiceSketch>>;
  /** Apps that `npm start -- --with NAME` adds. */
  readonly apps?: Readonly<Record<string, AppSketch>>;
}

/** Gives every service one process, its database `millrace_APP` and the setting `NAME_PORT`. */
export function defineStack<const Services extends string>(
  sketch: StackSketch<Services>,
): StackDefinition<Services> {
  const services = Object.entries<ServiceSketch>(sketch.services).map(([name, { port, ...part }]) => [
    name,
    { ...part, database: databaseOf(part.app), processes: [firstOf({ name, port })] },
  ]);
  const apps = Object.entries(sketch.apps ?? {}).map(([name, { port, database, topics = {}, ...part }]) => [
    name,
    {
      ...part,
      ...(database && { database: databaseOf(part.app) }),
      topics: topicsOf(topics),
      processes: [firstOf({ name, port })],
    },
  ]);
  return {
    ...sketch,
    services: Object.fromEntries(services) as Record<Services, ServiceDefinition>,
    apps: Object.fromEntries(apps) as Record<string, ServiceDefinition>,
  };
}

const databaseOf = (app: string): string => `millrace_${app.replaceAll('-', '_')}`;

const topicsOf = (sketched: NonNullable<AppSketch['topics']>): readonly AppTopic[] =>
  Object.entries(sketched).map(([name, { retentionDays, ...sizes }]) => ({
    name,
    ...sizes,
    retention: days(retentionDays),
    cleanup: 'delete',
  }));

/** How many processes each service has. A service that is not named has one. */
export interface Scale {
  readonly replicas: ReadonlyMap<string, number>;
  /** The services that run each role in processes of its own. */
  readonly split: ReadonlySet<string>;
}

/**
 * Returns the stack with the requested processes. The read models of a split service get a database
 * of their own.
 */
export function withScale<Services extends string>(
  definition: StackDefinition<Services>,
  { replicas, split }: Scale,
): StackDefinition<Services> {
  return mapServices(definition, (part, name) => {
    const named = { name, port: part.processes[0].port };
    const count = replicas.get(name) ?? 1;
    if (!split.has(name)) return { ...part, processes: processesOf(named, count) };
    const processes = splitProcessesOf(named, count, part.readModels === true);
    return { ...part, ...(part.readModels && { readDatabase: `${part.database}_read` }), processes };
  });
}

/** Lists every part that listens, in start order. */
export const listeners = ({
  database,
  keys,
  log,
  mail,
  services,
  console,
}: StackDefinition): readonly Listening[] => [
  database,
  ...(keys.engine === 'embedded' ? [keys] : []),
  ...logListeners(log),
  mail,
  ...Object.values(services).flatMap(({ processes }) => processes.flatMap((each) => [each, each.ops])),
  ...(console === undefined ? [] : [console]),
];

function logListeners(log: LogDefinition): readonly Listening[] {
  switch (log.engine) {
    case 'embedded':
      return [log, log.sidePort];
    case 'kafka':
      return [log, log.controller];
    case 'existing':
      return [];
  }
}

/** Returns the stack with these ports, by the labels of the parts. Other parts keep theirs. */
export function withPorts<Services extends string>(
  definition: StackDefinition<Services>,
  ports: ReadonlyMap<string, number>,
): StackDefinition<Services> {
  const moved = <Part extends Listening>(part: Part): Part => {
    const port = ports.get(part.label);
    return port === undefined ? part : { ...part, port, orAnyFree: false };
  };
  const { database, keys, log, mail, console, apps } = definition;
  const { services } = mapServices(definition, (part) => {
    const [first, ...others] = part.processes;
    const movedWithOps = (each: ServiceProcess) => ({ ...moved(each), ops: moved(each.ops) });
    return { ...part, processes: [movedWithOps(first), ...others.map(movedWithOps)] };
  });
  return {
    database: moved(database),
    keys: keys.engine === 'embedded' ? moved(keys) : keys,
    log: movedLog(log, moved),
    mail: moved(mail),
    ...(console && { console: moved(console) }),
    services,
    apps,
  };
}

function movedLog(log: LogDefinition, moved: <Part extends Listening>(part: Part) => Part): LogDefinition {
  switch (log.engine) {
    case 'embedded':
      return { ...moved(log), sidePort: moved(log.sidePort) };
    case 'kafka':
      return { ...moved(log), controller: moved(log.controller) };
    case 'existing':
      return log;
  }
}

function mapServices<Services extends string>(
  definition: StackDefinition<Services>,
  change: (part: ServiceDefinition, name: string) => ServiceDefinition,
): StackDefinition<Services> {
  const services = Object.entries<ServiceDefinition>(definition.services).map(([name, part]) => [
    name,
    change(part, name),
  ]);
  return { ...definition, services: Object.fromEntries(services) as Record<Services, ServiceDefinition> };
}
