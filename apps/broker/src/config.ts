import { z } from 'zod';
import { readPropertiesFile } from './properties-file.ts';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  BROKER_HOST: z.string().min(1).default('127.0.0.1'),
  BROKER_PORT: port.default(9_092),
  /** Where clients are told to connect; needed when the host is every address. */
  BROKER_ADVERTISED_HOST: z.string().min(1).optional(),
  /** The same for the port, behind one that is mapped. */
  BROKER_ADVERTISED_PORT: port.min(1).optional(),
  BROKER_DATA: z.string().min(1).default('.millrace/broker'),
  BROKER_FLUSH: z.enum(['commit', 'interval', 'none']).default('commit'),
  /** Where absent, `auto.create.topics.enable` of the file decides. */
  BROKER_AUTO_CREATE_TOPICS: flag.optional(),
  /** Metrics and health. */
  BROKER_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  /** Where absent: 9404, or any free port beside a broker on any free port. */
  BROKER_HTTP_PORT: port.optional(),
  /** Kafka's broker configs in a file. */
  BROKER_CONFIG: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

const defaultHttpPort = 9_404;

export interface BrokerConfig extends z.output<typeof environment> {
  readonly BROKER_HTTP_PORT: number;
  /** By Kafka's names. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Settings from the environment, and below it from the file that it names; an empty variable is none. Throws one line that lists every problem. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): BrokerConfig {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const file = set.BROKER_CONFIG ? readPropertiesFile(set.BROKER_CONFIG) : { variables: {}, properties: {} };
  const result = environment.safeParse({ ...file.variables, ...set });
  if (result.success)
    return { BROKER_HTTP_PORT: result.data.BROKER_PORT === 0 ? 0 : defaultHttpPort, ...result.data, properties: file.properties };
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new TypeError(`the broker's settings are not usable: ${problems.join('; ')}`);
}
