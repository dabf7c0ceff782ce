import { parseArgs } from 'node:util';

export const usage = `npm run broker -- [OPTIONS]
An embedded broker that speaks the Kafka protocol. Environment variables (BROKER_...) say the same; an option comes before a variable, a variable before the file.
  --port N          where clients connect; 0: any free port (default 9092)
  --host ADDRESS    the address to listen on (default 127.0.0.1)
  --advertised-host NAME  where clients are told to connect; needed when the address is every one (0.0.0.0), as in a container
  --advertised-port N     the same for the port (default: the port it listens on)
  --data FOLDER     where the log is kept; made when it is not there (default .millrace/broker)
  --config FILE     Kafka's broker configs, as in its server.properties
  --http-port N     /metrics, /livez and /readyz; 0: any free port (default 9404, or any free port when that is taken)
  --partitions-max N      how many partitions all topics may have together (default 4000)
  --flush POLICY    when acks=all is answered: commit (default: once on disk), interval or none
  --help`;

/** Each option stands for an environment variable. */
export const variables = {
  port: 'BROKER_PORT',
  host: 'BROKER_HOST',
  'advertised-host': 'BROKER_ADVERTISED_HOST',
  'advertised-port': 'BROKER_ADVERTISED_PORT',
  data: 'BROKER_DATA',
  config: 'BROKER_CONFIG',
  'http-port': 'BROKER_HTTP_PORT',
  'partitions-max': 'BROKER_PARTITIONS_MAX',
  flush: 'BROKER_FLUSH',
} as const;

/** What the options say, by the environment variables that they stand for; `help` when that is all that is wanted. Throws for an option that is unknown or empty. */
export function readCommandLine(args: readonly string[]): Readonly<Record<string, string>> | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      ...Object.fromEntries(Object.keys(variables).map((option) => [option, text])),
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  return Object.fromEntries(
    Object.entries(variables).flatMap(([option, variable]) => {
      const value = (values as Readonly<Record<string, unknown>>)[option];
      if (value === '') throw new TypeError(`--${option} is empty: give it a value, or leave it out`);
      return typeof value === 'string' ? [[variable, value]] : [];
    }),
  );
}
