import { parseArgs } from 'node:util';
import { serviceNames, type ServiceName } from '@millrace/test-support/stack';

export type Part =
  ServiceName | `${ServiceName}-${number}` | 'broker' | 'postgres' | 'backend' | 'stack' | 'everything';

/** The number of processes by service; one for a service that is not named. */
export type Replicas = Readonly<Partial<Record<ServiceName, number>>>;

/**
 * The parts that can be killed: a process by its name in the stack, one of PostgreSQL's backends,
 * the supervisor alone (`stack`), or everything at once.
 */
export const partsOf = (replicas: Replicas): readonly Part[] => [
  ...serviceNames.flatMap((service) => processesOf(service, replicas[service] ?? 1)),
  'broker',
  'postgres',
  'backend',
  'stack',
  'everything',
];

/** The processes of those services that have several. */
export const replicatedParts = (replicas: Replicas): readonly Part[] =>
  serviceNames.flatMap((service) => {
    const count = replicas[service] ?? 1;
    return count > 1 ? processesOf(service, count) : [];
  });

const processesOf = (service: ServiceName, count: number): readonly Part[] => [
  service,
  ...Array.from({ length: count - 1 }, (_, index) => `${service}-${index + 2}` as const),
];

export interface ChaosOptions {
  readonly orders: number;
  readonly seed: number;
  readonly kills: number;
  /** Without it, the kills are spread over the orders. */
  readonly killEveryMs?: number;
  readonly parts: readonly Part[];
  /** Whether some parts are stopped for a while (SIGSTOP) instead of killed. */
  readonly pauses: boolean;
  readonly replicas: Replicas;
  /**
   * The number of pauses, beside the kills, of processes whose service has several. Each is longer
   * than the leases of the paused process.
   */
  readonly longPauses: number;
  /** Upgrades the order service in the middle, from version 1 of its saga to version 2. */
  readonly upgrade: boolean;
  /** The time to spread the orders over. Without it, they are placed as fast as possible. */
  readonly overSeconds?: number;
  readonly json: boolean;
  readonly deadlineSeconds: number;
}

const ordersPerKill = 15;

export const usage = `npm run chaos -- [OPTIONS]
  --orders 300          place this many random orders over HTTP
  --seed 7              the seed of orders, kills and moments (default: a random one)
  --kills 20            send kill -9 this often, spread over the orders (default: once per ${ordersPerKill} orders)
  --kill-every-ms 2000  instead, kill once per interval on average until every order is placed
  --parts order,broker  kill only these parts: ${partsOf({}).join(', ')}; with --replicas also order-2 and so on
  --pauses              also stop parts for a while (SIGSTOP)
  --replicas order=2    run this many processes of a service; separate several services by commas
  --long-pauses 3       pause processes of those services this often, each time for longer than their leases
  --upgrade             upgrade the order service in the middle, process by process, to version 2 of its saga
  --over-s 75           spread the orders over this many seconds
  --deadline-s 600      give up after this time and list what has not ended
  --json                print the report as one line of JSON to standard output, and all else to standard error
  --help                print this text`;

/** Throws a one-line error that names the wrong option. */
export function readOptions(argv: readonly string[], randomSeed: () => number): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      orders: { type: 'string', default: '300' },
      seed: { type: 'string' },
      kills: { type: 'string' },
      'kill-every-ms': { type: 'string' },
      parts: { type: 'string' },
      pauses: { type: 'boolean', default: false },
      replicas: { type: 'string', default: '' },
      'long-pauses': { type: 'string', default: '0' },
      upgrade: { type: 'boolean', default: false },
      'over-s': { type: 'string' },
      'deadline-s': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.kills !== undefined && values['kill-every-ms'] !== undefined)
    throw new Error('--kills and --kill-every-ms exclude each other: give one of them');
  const orders = wholeNumber('--orders', values.orders, 1);
  const kills =
    values.kills === undefined ? Math.ceil(orders / ordersPerKill) : wholeNumber('--kills', values.kills, 0);
  const deadlineByDefault = 180 + orders + kills * 20;
  const replicas = readReplicas(values.replicas);
  const longPauses = wholeNumber('--long-pauses', values['long-pauses'], 0);
  if (longPauses > 0 && replicatedParts(replicas).length === 0)
    throw new Error('--long-pauses pauses services with several processes: name some with --replicas');
  return {
    orders,
    seed: values.seed === undefined ? randomSeed() : wholeNumber('--seed', values.seed, 0),
    kills,
    ...(values['kill-every-ms'] !== undefined && {
      killEveryMs: wholeNumber('--kill-every-ms', values['kill-every-ms'], 1),
    }),
    parts: readParts(values.parts, partsOf(replicas)),
    pauses: values.pauses,
    replicas,
    longPauses,
    upgrade: values.upgrade,
    ...(values['over-s'] !== undefined && { overSeconds: wholeNumber('--over-s', values['over-s'], 1) }),
    json: values.json,
    deadlineSeconds:
      values['deadline-s'] === undefined
        ? deadlineByDefault
        : wholeNumber('--deadline-s', values['deadline-s'], 1),
  };
}

function wholeNumber(option: string, text: string, min: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min))
    throw new Error(`${option} must be a whole number of at least ${min}, but it is ${text}`);
  return number;
}

function readParts(text: string | undefined, parts: readonly Part[]): readonly Part[] {
  if (text === undefined) return parts;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined)
    throw new Error(
      `--parts: there is no ${unknown || 'part without a name'}; the parts are ${parts.join(', ')}`,
    );
  return parts.filter((part) => wanted.includes(part));
}

function readReplicas(text: string): Replicas {
  const replicas: Partial<Record<ServiceName, number>> = {};
  for (const part of text === '' ? [] : text.split(',')) {
    const [, name, count] = /^([a-z]+)=([1-9])$/.exec(part.trim()) ?? [];
    const service = serviceNames.find((each) => each === name);
    if (service === undefined)
      throw new Error(
        `--replicas takes SERVICE=COUNT, such as order=2, of ${serviceNames.join(', ')}; it is ${part || 'empty'}`,
      );
    replicas[service] = Number(count);
  }
  return replicas;
}
