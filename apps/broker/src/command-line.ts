import { parseArgs } from 'node:util';

export const usage = `npm run broker -- [OPTIONS]
An embedded broker that speaks the Kafka protocol. Each option can also be set by an environment variable
(BROKER_...).
An option overrides its variable, and a variable overrides the file.
  --port N                port for clients; 0 means any free port (default 9092)
  --host ADDRESS          address to listen on (default 127.0.0.1)
  --advertised-host NAME  address that clients are told to connect to; required when the host is every address
                          (0.0.0.0), as in a container
  --advertised-port N     port that clients are told to connect to (default: the port it listens on)
  --data FOLDER           folder of the log; created if it does not exist (default .millrace/broker)
  --config FILE           Kafka's broker configs, in the format of server.properties
  --http-port N           port of /metrics, /livez and /readyz; 0 means any free port (default 9404, or any free
                          port if that is taken)
  --partitions-max N      limit on the partitions of all topics together (default 4000)
  --flush POLICY          when acks=all is answered: commit (default: once the data is on disk), interval or none
  --help                  show this text`;

/** The environment variable that each option sets. */
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

/**
 * Returns the values of the options under the names of their environment variables, or `help` if
 * `--help` is among them. Throws when an option is unknown or empty.
 */
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
