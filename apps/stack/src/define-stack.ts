import type { KeysDefinition } from './keys/keys-definition.ts';
import type { Listening } from './listening.ts';

/**
 * One process of a service. The first has the service's name, and the n-th is `order-n`. The n-th
 * process of a role is `order-worker-n`.
 */
export interface ServiceProcess extends Listening {
  /** Its operator API, on a port of its own. */
  readonly ops: Listening;
  /**
   * The name that the process keeps across restarts, for its partitions and its relay's lease:
   * `order-1`, `order-2`.
   */
  readonly instance: string;
  /** The role of the process. Without one, it does all of its service's work. */
  readonly role?: Role;
}

/**
 * The roles that a service can be split into; the first process of a split service answers HTTP.
 */
export type Role = 'api' | 'worker' | 'relay' | 'projector';

/** One service with a database of its own, which its processes share. */
export interface ServiceDefinition {
  /** Folder under `apps/`. */
  readonly app: string;
  readonly database: string;
  /** The database of the read models that follow the topics, if they have one of their own. */
  readonly readDatabase?: string;
  /** Whether the service has read models that follow the topics, which need a projector. */
  readonly readModels?: true;
  /** Whether the service has personal data, which it seals with keys. */
  readonly personalData?: true;
  /** The processes share the service's partitions. */
  readonly processes: readonly [ServiceProcess, ...ServiceProcess[]];
}

/** The log that keeps the messages. A service cannot tell one engine from the other. */
export type LogDefinition = EmbeddedLog | KafkaLog | ExistingLog;

export interface EmbeddedLog extends Listening {
  readonly engine: 'embedded';
  /** The port of its metrics and health checks. */
  readonly sidePort: Listening;
}

/** A broker of Apache Kafka that the stack starts. */
export interface KafkaLog extends Listening {
  readonly engine: 'kafka';
  /** The port of its own controller. */
  readonly controller: Listening;
}

/** An existing cluster. */
export interface ExistingLog {
  readonly engine: 'existing';
  readonly bootstrapServers: readonly string[];
}

export interface StackDefinition<Services extends string = string> {
  readonly database: Listening;
  readonly keys: KeysDefinition;
  readonly log: LogDefinition;
  readonly mail: Listening;
  readonly services: Readonly<Record<Services, ServiceDefinition>>;
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

export const mailSink = ({ port }: Port): Listening => ({ port, label: 'mail', portSetting: 'SMTP_PORT' });

/** Prefix of a service's own environment variables. */
export const settingPrefix = (name: string): string => name.toUpperCase().replaceAll('-', '_');

interface ServiceSketch extends Port, Pick<ServiceDefinition, 'app' | 'readModels' | 'personalData'> {}

interface StackSketch<Services extends string> {
  readonly database: Listening;
  readonly keys: KeysDefinition;
  readonly log: EmbeddedLog;
  readonly mail: Listening;
  readonly services: Readonly<Record<Services, ServiceSketch>>;
}

/** Gives every service one process, its database `millrace_APP` and the setting `NAME_PORT`. */
export function defineStack<const Services extends string>(
  sketch: StackSketch<Services>,
): StackDefinition<Services> {
  const services = Object.entries<ServiceSketch>(sketch.services).map(([name, { port, ...part }]) => [
    name,
    { ...part, database: `millrace_${part.app.replaceAll('-', '_')}`, processes: [firstOf({ name, port })] },
  ]);
  return { ...sketch, services: Object.fromEntries(services) as Record<Services, ServiceDefinition> };
}

const portStep = 100;
const rolePortStep = 10;
/** The distance from the port of a process to that of its operator API. */
const opsPortStep = 900;
const portMax = 65_535;

interface Named {
  readonly name: string;
  readonly port: number;
  readonly role?: Role;
}

const firstOf = ({ name, port, role }: Named): ServiceProcess => ({
  port,
  label: name,
  portSetting: `${settingPrefix(name)}_PORT`,
  instance: `${name}-1`,
  ops: opsOf(name, port),
  ...(role && { role }),
});

/** It moves to a free port if its own is taken: only operators look for it, with the command line. */
const opsOf = (name: string, port: number): Listening => ({
  port: port === 0 || port + opsPortStep > portMax ? 0 : port + opsPortStep,
  label: `operators of ${name}`,
  portSetting: `${settingPrefix(name)}_OPS_PORT`,
  orAnyFree: true,
});

/**
 * The n-th process listens 100 (n - 1) above the first, unless its own setting `NAME_n_PORT` says
 * otherwise. If the first gets a free port, so do the others.
 */
function processesOf(named: Named, count: number): ServiceDefinition['processes'] {
  const { name, port, role } = named;
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const label = `${name}-${index + 2}`;
    const own = port === 0 ? 0 : port + portStep * (index + 1);
    return { ...firstOf({ name: label, port: own, ...(role && { role }) }), instance: label };
  });
  return [firstOf(named), ...others];
}

/**
 * Returns `count` processes for each role that the service has work for. The ports of each role are
 * 10 above those of the role before.
 */
function splitProcessesOf(
  { name, port }: Named,
  count: number,
  readModels: boolean,
): ServiceDefinition['processes'] {
  const further: readonly Role[] = readModels ? ['worker', 'relay', 'projector'] : ['worker', 'relay'];
  const others = further.flatMap((role, index) => {
    const own = port === 0 ? 0 : port + rolePortStep * (index + 1);
    return processesOf({ name: `${name}-${role}`, port: own, role }, count);
  });
  const [first, ...replicas] = processesOf({ name, port, role: 'api' }, count);
  return [first, ...replicas, ...others];
}

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
export const listeners = ({ database, keys, log, mail, services }: StackDefinition): readonly Listening[] => [
  database,
  ...(keys.engine === 'embedded' ? [keys] : []),
  ...logListeners(log),
  mail,
  ...Object.values(services).flatMap(({ processes }) => processes.flatMap((each) => [each, each.ops])),
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

/**
 * Returns the stack with these ports, by the parts' labels. A part that is not named keeps its
 * port.
 */
export function withPorts<Services extends string>(
  definition: StackDefinition<Services>,
  ports: ReadonlyMap<string, number>,
): StackDefinition<Services> {
  const moved = <Part extends Listening>(part: Part): Part => {
    const port = ports.get(part.label);
    return port === undefined ? part : { ...part, port, orAnyFree: false };
  };
  const { database, keys, log, mail } = definition;
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
    services,
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
