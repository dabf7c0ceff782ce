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
  --help         this text
Settings (environment): MILLRACE_DATA (the data folder, .millrace), LOG_LEVEL, and the ports POSTGRES_PORT, BROKER_PORT, SMTP_PORT,
  ORDER_PORT, INVENTORY_PORT, PAYMENT_PORT, SHIPPING_PORT, NOTIFICATION_PORT; 0 takes a free port.`;

const known = ['--fresh', '--once', '--json', '--no-samples', '--help', '-h'];

/** Throws one line that says which option is wrong. */
export function readOptions(argv: readonly string[]): StackOptions | 'help' {
  const unknown = argv.find((argument) => !known.includes(argument));
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}: \`npm start -- --help\` lists what there is`);
  const { values } = parseArgs({
    args: [...argv],
    options: {
      fresh: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'no-samples': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const { fresh, once, json, 'no-samples': noSamples } = values;
  if (noSamples && once) throw new Error('--once ends after the sample orders: leave out --no-samples');
  if (noSamples && json) throw new Error('--json prints the sample orders: leave out --no-samples');
  return { fresh, once, json, samples: !noSamples };
}
