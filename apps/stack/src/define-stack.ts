/** A part of the system that listens on a port. */
export interface Listening {
  /** 0: a free one. */
  readonly port: number;
  /** The part's name in lines for people, its own in the stack. */
  readonly label: string;
  /** The environment variable that moves it. */
  readonly portSetting: string;
  /** Whether it moves to a free port when its own is taken; never when the environment names the port. */
  readonly orAnyFree?: boolean;
}

/** One process of a service: the first has the service's name, the n-th is `order-n`; the n-th of a role is `order-worker-n`. */
export interface ServiceProcess extends Listening {
  /** The name that it keeps over restarts, for its partitions and its relay's lease: `order-1`, `order-2`. */
  readonly instance: string;
  /** What it does of its service's work; everything where absent. */
  readonly role?: Role;
}

/** The roles that a service can be split into; the first process of a split service answers HTTP. */
export type Role = 'api' | 'worker' | 'relay' | 'projector';

/** One service with a database of its own, which its processes share. */
export interface ServiceDefinition {
  /** Folder under `apps/`. */
  readonly app: string;
  readonly database: string;
  /** For the read models that follow the topics, where they have one of their own. */
  readonly readDatabase?: string;
  /** Whether it has read models that follow the topics: work for a projector. */
  readonly readModels?: true;
  /** At least one. They share the service's partitions. */
  readonly processes: readonly [ServiceProcess, ...ServiceProcess[]];
}

/** What keeps the messages. A service cannot tell one from the other. */
export type LogDefinition = EmbeddedLog | KafkaLog | ExistingLog;

export interface EmbeddedLog extends Listening {
  readonly engine: 'embedded';
  /** Where it shows its metrics and health. */
  readonly sidePort: Listening;
}

/** One broker of Apache Kafka, which the stack starts. */
export interface KafkaLog extends Listening {
  readonly engine: 'kafka';
  /** Where it listens to itself. */
  readonly controller: Listening;
}

/** A cluster that is there already. */
export interface ExistingLog {
  readonly engine: 'existing';
  readonly bootstrapServers: readonly string[];
}

export interface StackDefinition<Services extends string = string> {
  readonly database: Listening;
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

interface ServiceSketch extends Port, Pick<ServiceDefinition, 'app' | 'readModels'> {}

interface StackSketch<Services extends string> {
  readonly database: Listening;
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
  ...(role && { role }),
});

/** The n-th listens 100 (n - 1) above the first, unless its own setting `NAME_n_PORT` moves it; or each on a free port. */
function processesOf(named: Named, count: number): ServiceDefinition['processes'] {
  const { name, port, role } = named;
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const label = `${name}-${index + 2}`;
    const own = port === 0 ? 0 : port + portStep * (index + 1);
    return { ...firstOf({ name: label, port: own, ...(role && { role }) }), instance: label };
  });
  return [firstOf(named), ...others];
}

/** So many processes of each role that the service has work for, each role 10 above the one before. */
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

/** How many processes each service has; one where it is not named. */
export interface Scale {
  readonly replicas: ReadonlyMap<string, number>;
  /** The services whose roles are processes of their own. */
  readonly split: ReadonlySet<string>;
}

/** The same stack with the processes that are wanted; the read models of a split service get a database of their own. */
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

/** Every part that listens, in the order of start. */
export const listeners = ({ database, log, mail, services }: StackDefinition): readonly Listening[] => [
  database,
  ...logListeners(log),
  mail,
  ...Object.values(services).flatMap(({ processes }) => processes),
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

/** The same stack with ports by the parts' labels; a part that is not named keeps its own. */
export function withPorts<Services extends string>(
  definition: StackDefinition<Services>,
  ports: ReadonlyMap<string, number>,
): StackDefinition<Services> {
  const moved = <Part extends Listening>(part: Part): Part => {
    const port = ports.get(part.label);
    return port === undefined ? part : { ...part, port, orAnyFree: false };
  };
  const { database, log, mail } = definition;
  const { services } = mapServices(definition, (part) => {
    const [first, ...others] = part.processes;
    return { ...part, processes: [moved(first), ...others.map(moved)] };
  });
  return { database: moved(database), log: movedLog(log, moved), mail: moved(mail), services };
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
