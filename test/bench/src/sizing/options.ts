import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface SizingOptions {
  /** Orders through the services, whose bytes are counted. */
  readonly orders: number;
  /** Orders per second that the page reckons with. */
  readonly rate: number;
  /** Events of the large table, in thousands. */
  readonly thousandEvents: number;
  readonly write: boolean;
}

export const sizingUsage = `npm run bench -- sizing [--orders 2000] [--rate 20] [--thousand-events 2000] [--write]
  --orders           orders through all services, whose bytes are counted in every table and topic
  --rate             orders per second that days and months are reckoned with
  --thousand-events  size of an event table that is filled and asked, in thousands of events
  --write            the result into docs/operations/sizing.md`;

/** Throws with the option's name. */
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
