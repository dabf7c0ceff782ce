import {
  brokerSettings,
  defaultLimits,
  int,
  oneOf,
  partitionsLimitMax,
  text,
  type BrokerLimits,
  type ConfigKind,
  type FlushPolicy,
} from '@millrace/streaming-core/broker';
import { variables as optionVariables } from './command-line.ts';
import { port, nameInFile, readPropertiesFile, type PropertiesFile } from './properties-file.ts';

const flushPolicies = ['commit', 'interval', 'none'] as const;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface BrokerSetting {
  readonly kind: ConfigKind;
  /** Says on the page of settings what the variable determines, in whole sentences. */
  readonly meaning: string;
}

/** The settings by environment variable. An empty default means that the setting is optional. */
export const settings = {
  BROKER_HOST: { kind: text('127.0.0.1'), meaning: 'The address on which the broker listens.' },
  BROKER_PORT: { kind: port('9092'), meaning: 'The port on which it listens. 0 takes any free port.' },
  BROKER_ADVERTISED_HOST: {
    kind: text(''),
    meaning:
      'The host name that clients are told to connect to, by default `BROKER_HOST`. Required when ' +
      'the broker listens on every address.',
  },
  BROKER_ADVERTISED_PORT: {
    kind: port('', 1),
    meaning:
      'The port that clients are told to connect to, such as the mapped port of a container. By ' +
      'default the port on which the broker listens.',
  },
  BROKER_DATA: { kind: text('.millrace/broker'), meaning: 'The data folder.' },
  BROKER_FLUSH: {
    kind: oneOf('commit', ...flushPolicies),
    meaning:
      '`commit` syncs to disk before the acknowledgement, `interval` syncs from time to time, and ' +
      '`none` leaves it to the kernel.',
  },
  BROKER_AUTO_CREATE_TOPICS: {
    kind: oneOf('', 'true', 'false', '1', '0'),
    meaning:
      'Whether a topic is created when a client asks for it. By default `auto.create.topics.enable` ' +
      'in the file decides, else `false`.',
  },
  BROKER_HTTP_HOST: {
    kind: text('127.0.0.1'),
    meaning: 'The address of `/metrics`, `/livez` and `/readyz`.',
  },
  BROKER_HTTP_PORT: {
    kind: port(''),
    meaning:
      'The port of `/metrics`, `/livez` and `/readyz`. By default 9404, or a free port if that is ' +
      'taken or if `BROKER_PORT` is 0.',
  },
  BROKER_PARTITIONS_MAX: {
    kind: int(String(defaultLimits.partitionsMax), 1n, BigInt(partitionsLimitMax)),
    meaning: 'The limit on the number of partitions of all topics together.',
  },
  BROKER_CONFIG: {
    kind: text(''),
    meaning: "A file of Kafka's broker configs, such as `server.properties`.",
  },
  LOG_LEVEL: {
    kind: oneOf('info', ...logLevels),
    meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  },
} as const satisfies Record<string, BrokerSetting>;

export interface BrokerConfig {
  readonly host: string;
  readonly port: number;
  readonly advertisedHost: string | undefined;
  readonly advertisedPort: number | undefined;
  readonly dataFolder: string;
  readonly flush: FlushPolicy;
  readonly autoCreateTopics: boolean | undefined;
  /** Kafka's broker configs by name. */
  readonly properties: Readonly<Record<string, string>>;
  readonly limits: Pick<BrokerLimits, 'partitionsMax'>;
  /**
   * Address of metrics and health. With `orAnyFree`, the broker takes a free port if this one is
   * taken.
   */
  readonly http: { readonly host: string; readonly port: number; readonly orAnyFree: boolean };
  readonly logLevel: (typeof logLevels)[number];
}

type Name = keyof typeof settings;
type Variables = Readonly<Record<string, string | undefined>>;

const defaultHttpPort = 9_404;

/**
 * Reads the settings from the environment, and those that are not set there from the file that
 * `BROKER_CONFIG` names. An empty variable counts as not set. Throws an error that lists every
 * problem in one line. Uses no schema library, because loading one would take longer than the rest
 * of the broker's start.
 */
export const readConfig = (variables: Variables): BrokerConfig => configOf(variables, fileOf(variables));

/**
 * Returns every problem in the environment and in the file for which the broker would refuse to
 * start.
 */
export function settingProblems(variables: Variables): readonly string[] {
  const problems: string[] = [];
  const attempt = <Result>(read: () => Result): Result | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const file = attempt(() => fileOf(variables)) ?? noFile;
  const { properties } = file;
  const config = attempt(() => configOf(variables, file)) ?? { dataFolder: '', properties };
  attempt(() => brokerSettings(config));
  return problems;
}

const noFile: PropertiesFile = { variables: {}, properties: {} };

const fileOf = ({ BROKER_CONFIG: path }: Variables): PropertiesFile =>
  path ? readPropertiesFile(path) : noFile;

function configOf(variables: Variables, file: PropertiesFile): BrokerConfig {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  const isFromFile = (name: string) => file.variables[name] !== undefined && set[name] === undefined;
  const values = valuesOf({ ...file.variables, ...set }, (name, value) =>
    isFromFile(name)
      ? `${variables.BROKER_CONFIG}: ${nameInFile(name)}=${value}`
      : `${name}=${value}${asOption(name)}`,
  );
  const number = (name: Name) => (values[name] === undefined ? undefined : Number(values[name]));
  const clientPort = number('BROKER_PORT')!;
  const httpPort = number('BROKER_HTTP_PORT');
  const automatic = values.BROKER_AUTO_CREATE_TOPICS;
  return {
    host: values.BROKER_HOST!,
    port: clientPort,
    advertisedHost: values.BROKER_ADVERTISED_HOST,
    advertisedPort: number('BROKER_ADVERTISED_PORT'),
    dataFolder: values.BROKER_DATA!,
    flush: values.BROKER_FLUSH as FlushPolicy,
    autoCreateTopics: automatic === undefined ? undefined : ['true', '1'].includes(automatic),
    properties: file.properties,
    limits: { partitionsMax: number('BROKER_PARTITIONS_MAX')! },
    http: {
      host: values.BROKER_HTTP_HOST!,
      port: httpPort ?? (clientPort === 0 ? 0 : defaultHttpPort),
      orAnyFree: httpPort === undefined,
    },
    logLevel: values.LOG_LEVEL as BrokerConfig['logLevel'],
  };
}

function valuesOf(
  variables: Variables,
  written: (name: string, value: string) => string,
): Partial<Record<Name, string>> {
  const given = Object.entries<BrokerSetting>(settings).map(([name, { kind }]) => ({
    name,
    kind,
    value: variables[name] || (kind.byDefault ?? ''),
  }));
  const problems = given.flatMap(({ name, kind, value }) =>
    value === '' || kind.isValid(value) ? [] : [`${written(name, value)}: give ${kind.expected}`],
  );
  if (problems.length > 0) throw new TypeError(`invalid broker settings: ${problems.join('; ')}`);
  return Object.fromEntries(given.flatMap(({ name, value }) => (value === '' ? [] : [[name, value]])));
}

function asOption(name: string): string {
  const option = Object.entries(optionVariables).find(([, variable]) => variable === name)?.[0];
  return option === undefined ? '' : ` (--${option})`;
}
