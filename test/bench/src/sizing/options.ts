import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface SizingOptions {
  /** The number of orders through the services whose bytes are counted. */
  readonly orders: number;
  /** The orders per second for which the page calculates. */
  readonly rate: number;
  /** The number of events of the large table, in thousands. */
  readonly thousandEvents: number;
  readonly write: boolean;
}

export const sizingUsage = `npm run bench -- sizing [--orders 2000] [--rate 20] [--thousand-events 2000] [--write]
  --orders           the orders through all services whose bytes are counted in every table and topic
  --rate             the orders per second for which days and months are calculated
  --thousand-events  the size of the event table that is filled and measured, in thousands of events
  --write            write the result to docs/reports/sizing.md`;

/** Throws an error that names the option. */
export function sizingOptions(values: readonly string[]): SizingOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      orders: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '20' },
      'thousand-events': { type: 'string', default: '2000' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    orders: positive('orders', given.orders, 1_000_000),
    rate: positive('rate', given.rate, 10_000),
    thousandEvents: positive('thousand-events', given['thousand-events'], 1_000_000),
    write: given.write,
  };
}
