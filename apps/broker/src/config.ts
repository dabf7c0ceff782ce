import { z } from 'zod';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

const environment = z.object({
  BROKER_HOST: z.string().min(1).default('127.0.0.1'),
  BROKER_PORT: z.coerce.number().int().min(0).max(65_535).default(9_092),
  /** Where clients are told to connect; needed when the host is every address. */
  BROKER_ADVERTISED_HOST: z.string().min(1).optional(),
  /** The same for the port, behind one that is mapped. */
  BROKER_ADVERTISED_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  BROKER_DATA: z.string().min(1).default('.millrace/broker'),
  BROKER_FLUSH: z.enum(['commit', 'interval', 'none']).default('commit'),
  BROKER_AUTO_CREATE_TOPICS: flag.default(false),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type BrokerConfig = z.output<typeof environment>;

/** Settings from the environment. Throws one line that lists every problem. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): BrokerConfig {
  const result = environment.safeParse(variables);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new TypeError(`the broker's settings are not usable: ${problems.join('; ')}`);
}
