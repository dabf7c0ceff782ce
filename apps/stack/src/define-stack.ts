/** A part of the system that listens on a port. */
export interface Listening {
  /** 0: a free one. */
  readonly port: number;
  /** The part's name in lines for people. */
  readonly label: string;
  /** The environment variable that moves it. */
  readonly portSetting: string;
}

/** One service: a process of its own with a database of its own. */
export interface ServiceDefinition extends Listening {
  /** Folder under `apps/`. */
  readonly app: string;
  readonly database: string;
}

export interface StackDefinition<Services extends string = string> {
  readonly database: Listening;
  readonly log: Listening;
  readonly mail: Listening;
  readonly services: Readonly<Record<Services, ServiceDefinition>>;
}

interface Port {
  readonly port: number;
}

export const embeddedPostgres = ({ port }: Port): Listening => ({ port, label: 'PostgreSQL', portSetting: 'POSTGRES_PORT' });

export const embeddedBroker = ({ port }: Port): Listening => ({ port, label: 'broker', portSetting: 'BROKER_PORT' });

export const mailSink = ({ port }: Port): Listening => ({ port, label: 'mail', portSetting: 'SMTP_PORT' });

/** Prefix of a service's own environment variables. */
export const settingPrefix = (name: string): string => name.toUpperCase().replaceAll('-', '_');

interface StackSketch<Services extends string> {
  readonly database: Listening;
  readonly log: Listening;
  readonly mail: Listening;
  readonly services: Readonly<Record<Services, Port & { readonly app: string }>>;
}

/** Gives every service its database `millrace_APP` and the setting `NAME_PORT`. */
export function defineStack<const Services extends string>(sketch: StackSketch<Services>): StackDefinition<Services> {
  const services = Object.entries<Port & { readonly app: string }>(sketch.services).map(([name, { app, port }]) => [
    name,
    { app, port, label: name, portSetting: `${settingPrefix(name)}_PORT`, database: `millrace_${app.replaceAll('-', '_')}` },
  ]);
  return { ...sketch, services: Object.fromEntries(services) as Record<Services, ServiceDefinition> };
}

/** Every part that listens, in the order of start. */
export const listeners = ({ database, log, mail, services }: StackDefinition): readonly Listening[] => [
  database,
  log,
  mail,
  ...Object.values(services),
];

/** The same stack with ports by their settings' names; a part that is not named keeps its own. */
export function withPorts<Services extends string>(
  definition: StackDefinition<Services>,
  ports: ReadonlyMap<string, number>,
): StackDefinition<Services> {
  const moved = <Part extends Listening>(part: Part): Part => ({ ...part, port: ports.get(part.portSetting) ?? part.port });
  const services = Object.entries<ServiceDefinition>(definition.services).map(([name, part]) => [name, moved(part)]);
  return {
    database: moved(definition.database),
    log: moved(definition.log),
    mail: moved(definition.mail),
    services: Object.fromEntries(services) as Record<Services, ServiceDefinition>,
  };
}
