import { parseArgs } from 'node:util';

export interface StackOptions {
  /** Begin anew: what is in the data folder is deleted. */
  readonly fresh: boolean;
  /** Exit after the table, 0 only if every sample order ended as it should. */
  readonly once: boolean;
  /** Standard output carries only the table, as JSON; everything else goes to standard error. */
  readonly json: boolean;
  /** Place the sample orders. */
  readonly samples: boolean;
}

export const usage = `npm start [-- OPTIONS]
  --fresh        begin anew: deletes the data folder's contents
  --once         exit after the table: 0 if every sample order ended as it should, else 1
  --json         print the table as JSON on standard output, all else on standard error (npm start -s -- --once --json)
  --no-samples   start the services and place no orders
  --help         this text`;

/** Throws an error whose message says which option is wrong. */
export function readOptions(argv: readonly string[]): StackOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    allowNegative: true,
    options: {
      fresh: { type: 'boolean' },
      once: { type: 'boolean' },
      json: { type: 'boolean' },
      samples: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const { fresh = false, once = false, json = false, samples = true } = values;
  if (once && !samples) throw new Error('--once ends after the sample orders: leave out --no-samples');
  return { fresh, once, json, samples };
}
