import { parseArgs } from 'node:util';
import { serviceNames } from '@millrace/test-support/stack';

/**
 * The parts that can be killed: a process by its name in the stack, one of PostgreSQL's backends,
 * the supervisor alone (`stack`), or everything at once.
 */
export const parts = [...serviceNames, 'broker', 'postgres', 'backend', 'stack', 'everything'] as const;

export type Part = (typeof parts)[number];

export interface ChaosOptions {
  readonly orders: number;
  readonly seed: number;
  readonly kills: number;
  /** Without it, the kills are spread over the orders. */
  readonly killEveryMs?: number;
  readonly parts: readonly Part[];
  /** Whether some parts are stopped for a while (SIGSTOP) instead of killed. */
  readonly pauses: boolean;
  readonly json: boolean;
  readonly deadlineSeconds: number;
}

const ordersPerKill = 15;

export const usage = `npm run chaos -- [OPTIONS]
  --orders 300          place this many random orders over HTTP
  --seed 7              the seed of orders, kills and moments (default: a random one)
  --kills 20            send kill -9 this often, spread over the orders (default: once per ${ordersPerKill} orders)
  --kill-every-ms 2000  instead, kill once per interval on average until every order is placed
  --parts order,broker  kill only these parts: ${parts.join(', ')}
  --pauses              also stop parts for a while (SIGSTOP)
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
      parts: { type: 'string', default: parts.join(',') },
      pauses: { type: 'boolean', default: false },
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
  return {
    orders,
    seed: values.seed === undefined ? randomSeed() : wholeNumber('--seed', values.seed, 0),
    kills,
    ...(values['kill-every-ms'] !== undefined && {
      killEveryMs: wholeNumber('--kill-every-ms', values['kill-every-ms'], 1),
    }),
    parts: readParts(values.parts),
    pauses: values.pauses,
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

function readParts(text: string): readonly Part[] {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined)
    throw new Error(
      `--parts: there is no ${unknown || 'part without a name'}; the parts are ${parts.join(', ')}`,
    );
  return parts.filter((part) => wanted.includes(part));
}
