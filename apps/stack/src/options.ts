import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

export interface StackOptions {
  /** Whether to delete the contents of the data folder first. */
  readonly fresh: boolean;
  /** Whether to exit after the table, with 0 only if every sample ended as expected. */
  readonly once: boolean;
  /**
   * Whether standard output carries only the table, as JSON, and everything else goes to standard
   * error.
   */
  readonly json: boolean;
  /** Whether to place the samples. */
  readonly samples: boolean;
  /**
   * Whether the log is Apache Kafka: a broker that the stack starts, or the cluster that
   * `KAFKA_BOOTSTRAP_SERVERS` names.
   */
  readonly kafka: boolean;
  /** Whether to run the console, the page for people. */
  readonly console: boolean;
  /** Whether the services send their traces to the console. */
  readonly trace: boolean;
  /** The port from which all others are counted, for a second system on one machine. */
  readonly basePort?: number;
  /** The number of processes by service. Nothing here checks that the service exists. */
  readonly replicas: ReadonlyMap<string, number>;
  /** The services that run one process for each role, or `all`. */
  readonly split: ReadonlySet<string>;
  /** The optional apps to start, or `all`. Nothing here checks that they exist. */
  readonly apps: ReadonlySet<string>;
}

export const usage = `npm start [-- OPTIONS]
  --fresh        start over: deletes the contents of the data folder
  --once         exit after the table: with 0 if every sample ended as expected, else with 1
  --json         print the table as JSON on standard output, and everything else on standard error
                 (npm start -s -- --once --json)
  --no-samples   start the services without placing the samples
  --no-console   leave out the console, the page on port 3010; --once without --trace leaves it out too
  --kafka        use Apache Kafka instead of the embedded broker, with data of its own (.millrace-kafka);
                 needs Java 17, and Maven the first time. With KAFKA_BOOTSTRAP_SERVERS, use that cluster and
                 start none
  --trace        send the traces of the services to the console, and print the address of the page that shows
                 the trace of each sample
  --base-port 5000
                 a system beside others: services on 5001 and up, operators on 5901 and up, PostgreSQL 5080,
                 keys 5081, broker 5082, its metrics 5083, mail 5084, console 5010; data in .millrace-5000. Take
                 bases that are 2000 apart: the operators of replicas listen up to 1900 above them
  --replicas order=2,inventory=3
                 the number of processes of a service; the n-th listens 100 (n - 1) above the service's port,
                 or on ORDER_n_PORT
  --split order,inventory   (or all)
                 run one process for each role of a service: order (api), order-worker, order-relay,
                 order-projector; with --replicas, that many. The service's read models get a database of
                 their own
  --with orders-per-minute   (several separated by commas, or all)
                 also start these optional apps; \`npm run new -- stream-app NAME\` adds one
  --help         show this text
Settings (environment): MILLRACE_DATA (the data folder, .millrace by default), LOG_LEVEL, and the ports
  POSTGRES_PORT, KEYS_PORT, BROKER_PORT, BROKER_HTTP_PORT, SMTP_PORT, CONSOLE_PORT, ORDER_PORT and so on for each
  service; 0 means any free port. docs/OPERATIONS.md lists all settings.`;

const options = {
  fresh: { type: 'boolean' },
  once: { type: 'boolean' },
  json: { type: 'boolean' },
  'no-samples': { type: 'boolean' },
  'no-console': { type: 'boolean' },
  kafka: { type: 'boolean' },
  trace: { type: 'boolean' },
  'base-port': { type: 'string' },
  replicas: { type: 'string' },
  split: { type: 'string' },
  with: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** Reads the command line. Throws a one-line error that names the wrong option. */
export function readOptions(argv: readonly string[]): StackOptions | 'help' {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const unknown = tokens.find((token) => !isKnown(token));
  if (unknown !== undefined)
    throw new Error(`unknown option ${argv[unknown.index]}: \`npm start -- --help\` lists the options`);
  const {
    fresh = false,
    once = false,
    json = false,
    kafka = false,
    trace = false,
    help = false,
  } = values as Flags;
  const noSamples = values['no-samples'] === true;
  const noConsole = values['no-console'] === true;
  const console = !noConsole && (!once || trace);
  if (help) return 'help';
  if (noSamples && once) throw new Error('--once ends after the samples: leave out --no-samples');
  if (noSamples && json) throw new Error('--json prints the samples: leave out --no-samples');
  if (noConsole && trace) throw new Error('--trace shows the traces on the console: leave out --no-console');
  const basePort = readBasePort(values['base-port']);
  const lists = {
    replicas: readReplicas(values.replicas),
    split: readNames('--split', values.split, { things: 'services', example: 'order,inventory' }),
    apps: readNames('--with', values.with, { things: 'optional apps', example: 'orders-per-minute' }),
  };
  const parts = { samples: !noSamples, console, kafka, trace };
  return { fresh, once, json, ...parts, ...(basePort && { basePort }), ...lists };
}

type Flags = Readonly<
  Partial<Record<Exclude<keyof typeof options, 'replicas' | 'split' | 'with' | 'base-port'>, boolean>>
>;

type Token =
  | { readonly kind: 'option'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'positional' | 'option-terminator' };

/** Tells whether this is an option, with a value only if it takes one. */
const isKnown = (token: Token): boolean =>
  token.kind === 'option' &&
  Object.hasOwn(options, token.name) &&
  (token.value === undefined || options[token.name as keyof typeof options].type === 'string');

const basePortMin = 1_024;
const basePortMax = 64_000;

function readBasePort(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined;
  const basePort = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (basePort >= basePortMin && basePort <= basePortMax) return basePort;
  throw new Error(
    `--base-port takes a whole number from ${basePortMin} to ${basePortMax}, such as 4000: ` +
      `got ${text === true || text === '' ? 'nothing' : text}`,
  );
}

const replicasExample = 'order=2,inventory=3';

/** Reads names such as `order,inventory`. Throws a one-line error if they are malformed. */
function readNames(
  option: string,
  text: string | boolean | undefined,
  { things, example }: { readonly things: string; readonly example: string },
): ReadonlySet<string> {
  const names =
    text === undefined ? [] : (text === true ? '' : String(text)).split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
  if (wrong !== undefined)
    throw new Error(
      `${option} takes ${things}, separated by commas, such as ${example}, or all: got ${wrong || 'nothing'}`,
    );
  return new Set(names);
}

/** Reads `order=2,inventory=3`. Throws a one-line error if it is malformed. */
function readReplicas(text: string | boolean | undefined): ReadonlyMap<string, number> {
  const replicas = new Map<string, number>();
  if (text === undefined) return replicas;
  for (const part of (text === true ? '' : String(text)).split(',')) {
    const [, name, count] = /^([a-z][a-z0-9-]*)=(\d{1,6})$/.exec(part.trim()) ?? [];
    if (name === undefined)
      throw new Error(
        `--replicas takes SERVICE=COUNT, several separated by commas, such as ${replicasExample}: ` +
          `got ${part || 'nothing'}`,
      );
    if (replicas.has(name)) throw new Error(`--replicas names ${name} twice`);
    replicas.set(name, Number(count));
  }
  return replicas;
}
