import { resolve, join } from 'node:path';
import { bootstrapServersOf, readConnectionSecurity } from '@millrace/streaming-core/client';
import { silentLogger, type Clock } from '@millrace/streaming-core/runtime';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Cluster } from './connections.ts';
import { InvalidInput, OperationFailed } from './errors.ts';
import type { RestApp } from './rest-client.ts';

/** The addresses and folders of a stack that runs on this machine. */
export interface LocalStack {
  readonly dataFolder: string;
  /** The process id of the supervisor. */
  readonly pid: number;
  readonly engine: 'embedded' | 'kafka' | 'existing';
  /** `HOST:PORT`, several separated by commas. */
  readonly bootstrapServers: string;
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  /** The databases of each service by its name: first its own, then that of its read models. Some have none. */
  readonly databases: Readonly<Record<string, readonly string[]>>;
  /** The URL of every service process, such as `order` and `order-2`. */
  readonly instances: Readonly<Record<string, string>>;
  /** The URL of the operator API of every service process. */
  readonly operators?: Readonly<Record<string, string>>;
  /** Where the supervisor stops and starts processes. Absent if an earlier release started the stack. */
  readonly supervisor?: { readonly url: string; readonly token: string };
  /** The URL of the console, if it was not left out. */
  readonly console?: string;
  readonly mailFolder: string;
  readonly logFolder: string;
}

/** The file of a data folder in which a running stack publishes its addresses. */
const addressesFile = 'places.json';
const formatVersion = 1;

/** The folder of `npm start`, and those of its options `--kafka` and `--base-port`. */
const defaultFolder = /^\.millrace(-kafka)?(-\d{4,5})?$/;

/**
 * Returns the default data folder in which a stack runs, `.millrace` before others, or else
 * `.millrace`.
 */
function defaultDataFolder(workspace: string): string {
  const running = readdirSync(workspace)
    .filter((name) => defaultFolder.test(name) && existsSync(join(workspace, name, addressesFile)))
    .sort(
      (one, other) => Number(one !== '.millrace') - Number(other !== '.millrace') || one.localeCompare(other),
    );
  return resolve(workspace, running[0] ?? '.millrace');
}

/** Returns the stack that runs on the data folder, or undefined. */
function findLocalStack(dataFolder: string): LocalStack | undefined {
  const text = readIfPresent(join(dataFolder, addressesFile));
  if (text === undefined) return undefined;
  const stack = JSON.parse(text) as LocalStack & { readonly version: unknown };
  if (stack.version !== formatVersion)
    throw new OperationFailed(
      `the stack on ${dataFolder} was started by another version of Millrace: use the command line of that version`,
    );
  return isAlive(stack.pid) ? { ...stack, dataFolder } : undefined;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new OperationFailed(
      `${file} cannot be read (${code}): run this as the user who started the stack`,
      { cause },
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is another user's
  }
}

/** The addresses that a caller gives itself, by the command line's options. */
export interface GivenAddresses {
  readonly data?: string | undefined;
  /** The base port of a system beside others, whose data folder has it in its name. */
  readonly basePort?: string | undefined;
  readonly bootstrap?: string | undefined;
  /** The URL of a service's database. */
  readonly url?: string | undefined;
  /** Service processes, as `NAME=URL`. */
  readonly service?: readonly string[];
  /** Operator APIs, as `NAME=URL`. */
  readonly ops?: readonly string[];
}

export interface AddressSources {
  readonly given: GivenAddresses;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The root of the workspace. Relative data folders begin there. */
  readonly workspace: string;
  readonly clientId: string;
  readonly clock: Clock;
}

interface DatabaseChoice {
  readonly service: string;
  /** The database of its read models, if they have one of their own. */
  readonly readModels?: boolean;
}

type NamedUrl = readonly [name: string, url: string];

/**
 * Finds the parts of a system: by what the caller gives, or else by environment variables, or else
 * by the stack that runs on the data folder. Throws `OperationFailed` for a part that none of them
 * names, and `InvalidInput` for an address that makes no sense.
 */
export class Addresses {
  readonly #sources: AddressSources;

  constructor(sources: AddressSources) {
    this.#sources = sources;
  }

  /** The data folder that is named, or else a default one in which a stack runs. */
  get dataFolder(): string {
    const { given, workspace } = this.#sources;
    const ofBasePort = given.basePort === undefined ? undefined : `.millrace-${given.basePort}`;
    const named = given.data ?? this.#variable('MILLRACE_DATA') ?? ofBasePort;
    return named === undefined ? defaultDataFolder(workspace) : resolve(workspace, named);
  }

  /** The stack that runs on the data folder. */
  findStack(): LocalStack | undefined {
    return findLocalStack(this.dataFolder);
  }

  /** Like `findStack`, but throws if no stack runs. `orElse` says what to give instead of one. */
  stack(orElse: string): LocalStack {
    const stack = this.findStack();
    if (stack === undefined) throw this.noStack(orElse);
    return stack;
  }

  /** The error for a part that is not named where no stack runs. */
  noStack(orElse: string): OperationFailed {
    return new OperationFailed(
      `no stack runs on ${this.dataFolder}: start it with npm start, name its folder with --data, or ${orElse}`,
    );
  }

  /** How to connect to the cluster of brokers. The caller shows what fails, so no client logs. */
  cluster(): Cluster {
    const { given, environment, clientId, clock } = this.#sources;
    const client = { clientId, clock, logger: silentLogger };
    const named = given.bootstrap ?? this.#variable('KAFKA_BOOTSTRAP_SERVERS');
    const security = () => readConnectionSecurity({ ...environment });
    if (named !== undefined) return { ...client, bootstrapServers: serversIn(named), security: security() };
    const { bootstrapServers, engine } = this.stack('give --bootstrap HOST:PORT');
    return {
      ...client,
      bootstrapServers: serversIn(bootstrapServers),
      // The stack's own brokers listen on loopback in plain text, whatever the environment says.
      security: engine === 'existing' ? security() : {},
    };
  }

  /** The URL of a service's database. */
  database({ service, readModels = false }: DatabaseChoice): string {
    const variable = `${settingPrefix(service)}_${readModels ? 'READ_' : ''}DATABASE_URL`;
    const named = this.#sources.given.url ?? this.#variable(variable);
    if (named !== undefined) return named;
    const stack = this.stack(`give --url postgres://USER:PASSWORD@HOST:PORT/DATABASE, or set ${variable}`);
    const databases = stack.databases[service];
    if (databases === undefined)
      throw new OperationFailed(
        `no service ${service} in the running stack: it has ${Object.keys(stack.databases).join(', ')}`,
      );
    const name = databases[readModels ? 1 : 0];
    if (databases.length === 0) throw new OperationFailed(`${service} has no database`);
    if (name === undefined)
      throw new OperationFailed(
        `the read models of ${service} are in its own database: leave out --read-models`,
      );
    return `${stack.postgresUrl}/${name}`;
  }

  /** The URL of the database of a service's read models, or undefined if they are in its own. */
  readDatabase(service: string): string | undefined {
    const named = this.#variable(`${settingPrefix(service)}_READ_DATABASE_URL`);
    if (named !== undefined) return named;
    const stack = this.findStack();
    const name = stack?.databases[service]?.[1];
    return name === undefined ? undefined : `${stack?.postgresUrl}/${name}`;
  }

  /** The URL of every service process by its name, such as `order` and `order-2`. */
  processes(): Readonly<Record<string, string>> {
    const named = this.#namedServices();
    return named.length > 0 ? Object.fromEntries(named) : (this.findStack()?.instances ?? {});
  }

  /** The names of the services, without the numbers and roles of their processes. */
  services(): readonly string[] {
    const named = this.#namedServices();
    return named.length > 0 ? named.map(([name]) => name) : Object.keys(this.findStack()?.databases ?? {});
  }

  /**
   * The services that have a database, as an optional app may not: those with one in the stack of
   * `npm start`, and those whose `NAME_DATABASE_URL` is set. If there are none, it is every service
   * that may have one, so that the caller learns which setting is missing.
   */
  servicesWithDatabase(): readonly string[] {
    const { databases = {} } = this.findStack() ?? {};
    const isSet = (name: string) => this.#variable(`${settingPrefix(name)}_DATABASE_URL`) !== undefined;
    const services = this.services().filter((name) => databases[name]?.length !== 0);
    const known = services.filter((name) => databases[name] !== undefined || isSet(name));
    return known.length === 0 ? services : known;
  }

  /** The operator API of every service, or of every process of every service. */
  operators(of: 'services' | 'processes'): readonly NamedUrl[] {
    const named = this.#namedUrls('ops', 'MILLRACE_OPS', 'order=http://127.0.0.1:3901');
    if (named.length > 0) return named;
    const { databases = {}, operators = {} } = this.findStack() ?? {};
    if (of === 'processes') return Object.entries(operators);
    // Every process of a service answers. The first one has the name of the service.
    return Object.keys(databases).flatMap((service) => {
      const url = operators[service];
      return url === undefined ? [] : [[service, url] as const];
    });
  }

  /** The URL of the REST of the schema registry or of Connect. */
  rest(app: RestApp): string {
    const variable = app === 'registry' ? 'SCHEMA_REGISTRY_URL' : 'CONNECT_URL';
    const named = this.#sources.given.url ?? this.#variable(variable);
    const url = named ?? this.findStack()?.instances[app];
    if (url === undefined)
      throw new OperationFailed(
        `no ${app} runs here: start it with npm start -- --with ${app}, or set ${variable}`,
      );
    if (!/^https?:\/\//.test(url))
      throw new InvalidInput(`${url} is no URL of ${app}: give one such as http://127.0.0.1:8081`);
    return url.replace(/\/+$/, '');
  }

  #namedServices(): readonly NamedUrl[] {
    return this.#namedUrls('service', 'MILLRACE_SERVICES', 'order=http://127.0.0.1:3001');
  }

  /** Reads the pairs of an option, or of a variable, which separates them by commas. */
  #namedUrls(option: 'service' | 'ops', variable: string, example: string): readonly NamedUrl[] {
    const given = this.#sources.given[option] ?? [];
    const texts = given.length > 0 ? given : (this.#variable(variable) ?? '').split(',');
    const source = given.length > 0 ? `--${option}` : variable;
    return texts
      .map((text) => text.trim())
      .filter(Boolean)
      .map((text) => {
        const [, name, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/\S+?)\/?$/.exec(text) ?? [];
        if (name !== undefined && url !== undefined) return [name, url];
        throw new InvalidInput(`${source} ${text}: give NAME=URL, such as ${example}`);
      });
  }

  #variable(name: string): string | undefined {
    return this.#sources.environment[name]?.trim() || undefined;
  }
}

/** Prefix of a service's own environment variables. */
const settingPrefix = (service: string): string => service.toUpperCase().replaceAll('-', '_');

function serversIn(text: string): readonly string[] {
  const servers = bootstrapServersOf(text);
  if (servers === undefined)
    throw new InvalidInput(`${text} is no list of brokers: give HOST:PORT, several separated by commas`);
  return servers;
}
