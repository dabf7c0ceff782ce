import { optionsOf } from '@millrace/test-support/options';
import { orderStyles, type OrderStyle } from '@millrace/test-support/shop';
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

export type ChaosOptions = ReturnType<typeof readOptions>;

const ordersPerKill = 15;

export const usage = `npm run chaos -- [OPTIONS]
  --orders 300          place this many random orders over HTTP
  --seed 7              the seed of orders, kills and moments (default: a random one)
  --styles both         how the orders are fulfilled: ${orderStyles.join(', ')}, or both, drawn at random
  --kills 20            send kill -9 this often, spread over the orders (default: once per ${ordersPerKill} orders)
  --parts order,broker  kill only these parts: ${partsOf({}).join(', ')}; with --replicas also order-2 and so on
  --pauses              also stop parts for a while (SIGSTOP)
  --replicas order=2    run this many processes of a service; separate several services by commas
  --long-pauses 3       pause processes of those services this often, each time for longer than their leases
  --upgrade             upgrade the order service in the middle, process by process, to version 2 of its saga
  --over-s 75           spread the orders over this many seconds, instead of placing them as fast as possible
  --deadline-s 600      give up after this time and list what has not ended
  --json                print the report as one line of JSON to standard output, and all else to standard error`;

/** Throws a one-line error that names the wrong option. */
export function readOptions(argv: readonly string[], seed: number) {
  const given = optionsOf(
    argv,
    {
      orders: 300,
      seed,
      styles: 'both',
      kills: 0,
      parts: '',
      pauses: false,
      replicas: '',
      'long-pauses': 0,
      upgrade: false,
      'over-s': 0,
      'deadline-s': 0,
      json: false,
    },
    {
      orders: 1_000_000,
      seed: 2 ** 32 - 1,
      kills: 10_000,
      'long-pauses': 1_000,
      'over-s': 604_800,
      'deadline-s': 604_800,
    },
  );
  const kills = given.kills || Math.ceil(given.orders / ordersPerKill);
  const replicas = readReplicas(given.replicas);
  const longPauses = given['long-pauses'];
  if (longPauses > 0 && replicatedParts(replicas).length === 0)
    throw new Error('--long-pauses pauses services with several processes: name some with --replicas');
  return {
    ...given,
    kills,
    styles: readStyles(given.styles),
    replicas,
    longPauses,
    parts: readParts(given.parts, partsOf(replicas)),
    overSeconds: given['over-s'],
    deadlineSeconds: given['deadline-s'] || 180 + given.orders + kills * 20,
  };
}

function readStyles(text: string): readonly OrderStyle[] {
  const wanted = text === 'both' ? orderStyles : orderStyles.filter((style) => style === text);
  if (wanted.length > 0) return wanted;
  throw new Error(
    `--styles: there is no ${text || 'style without a name'}; it takes both, ${orderStyles.join(', ')}`,
  );
}

function readParts(text: string, parts: readonly Part[]): readonly Part[] {
  if (text === '') return parts;
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
