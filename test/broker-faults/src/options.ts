import { parseArgs } from 'node:util';

export interface FaultsOptions {
  readonly run: string;
  /** Print the report as one line of JSON. */
  readonly json: boolean;
  /** Run a slice within the seconds that CI has. */
  readonly quick: boolean;
  readonly seed: number;
  /**
   * The number of mutated requests that the run `fuzz` sends: 100,000 in a slice, otherwise
   * 2,000,000.
   */
  readonly frames?: number;
  /** The time for all runs that make one page together. */
  readonly minutes: number;
  /** Which n to try, for crashes and faults at the n-th call, counted from 1. */
  readonly range?: { readonly from: number; readonly to: number };
}

export const usage = (
  runs: readonly string[],
): string => `node test/broker-faults/src/main.ts RUN [OPTIONS], where RUN is one of ${runs.join(', ')}
  --quick      run a slice within the seconds that CI has
  --seed N     the seed of everything random; a failed run prints its seed
  --frames N   mutated requests of the run fuzz (default 2000000, or 100000 with --quick)
  --minutes N  for a whole run (default 40), shared among its parts; what is not tried by then is left out
  --range A-B  try only the changes or calls from the A-th to the B-th
  --json       print the report as one line of JSON to standard output, and everything else to standard error`;

/** Throws a one-line error that names the option. */
export function readOptions(args: readonly string[], runs: readonly string[]): FaultsOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      frames: { type: 'string' },
      minutes: { type: 'string', default: '40' },
      range: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { json, quick, seed, frames, minutes, range } = values;
  return {
    run: runOf(positionals, runs),
    json,
    quick,
    seed: checked('seed', seed, /^\d{1,15}$/, 'a whole number of at most 15 digits'),
    minutes: checked('minutes', minutes, /^(?!0*\.?0*$)\d{1,5}(\.\d+)?$/, 'a number above 0'),
    ...(frames !== undefined && {
      frames: checked('frames', frames, /^[1-9]\d{0,9}$/, 'a whole number of at least 1'),
    }),
    ...(range !== undefined && { range: rangeOf(range) }),
  };
}

function runOf([run, ...others]: readonly string[], runs: readonly string[]): string {
  if (run === undefined) throw new Error(`name a run: ${runs.join(', ')}`);
  if (others.length > 0) throw new Error(`${others.join(' ')}: name one run at a time`);
  if (!runs.includes(run)) throw new Error(`there is no run ${run}; the runs are ${runs.join(', ')}`);
  return run;
}

function checked(option: string, text: string, pattern: RegExp, expected: string): number {
  if (!pattern.test(text)) throw new Error(`--${option} must be ${expected}, but it is ${text}`);
  return Number(text);
}

function rangeOf(text: string): { readonly from: number; readonly to: number } {
  const [from = 0, to = 0] = (/^(\d{1,9})-(\d{1,9})$/.exec(text) ?? []).slice(1).map(Number);
  if (from < 1 || to < from)
    throw new Error(`--range must be two numbers of at least 1, such as 100-200, but it is ${text}`);
  return { from, to };
}
