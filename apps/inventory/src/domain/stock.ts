import type { Money } from '@millrace/contracts';
import { assertNever, stateSchema } from '@millrace/event-sourcing';
import { z } from 'zod';
import type { StockEvent } from './events.ts';

export type StockCommand =
  | { readonly type: 'DefineProduct'; readonly sku: string; readonly name: string; readonly price: Money }
  | { readonly type: 'ReceiveStock'; readonly sku: string; readonly quantity: number };

export type StockRejection = 'unknown_product' | 'stock_limit_exceeded';

/** A product and its units. On hand + reserved + shipped always equals the units received. */
export type Stock =
  | { readonly status: 'undefined' }
  | {
      readonly status: 'defined';
      readonly sku: string;
      readonly name: string;
      readonly price: Money;
      readonly onHand: number;
      readonly reserved: number;
      readonly shipped: number;
    };

/** The limit on the units of a product ever received. It is far below what JSON carries exactly. */
export const unitsMax = 1_000_000_000;

export const initialState: Stock = { status: 'undefined' };

/**
 * A product that sells gets an event for each order line, so its stream grows long. Its state holds
 * no personal data.
 */
export const snapshots = stateSchema<Stock>('stock', {
  version: 1,
  schema: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('undefined') }),
    z.strictObject({
      status: z.literal('defined'),
      sku: z.string(),
      name: z.string(),
      price: z.strictObject({ amount: z.int(), currency: z.string() }),
      onHand: z.int(),
      reserved: z.int(),
      shipped: z.int(),
    }),
  ]),
});

export function evolve(state: Stock, event: StockEvent): Stock {
  if (event.type === 'ProductDefined') return defined(state, event);
  if (state.status === 'undefined')
    throw new Error(`${event.sku}: the first event of a product must be ProductDefined`);
  switch (event.type) {
    case 'ProductPriceChanged':
      return { ...state, price: event.price };
    case 'StockReceived':
      return { ...state, onHand: state.onHand + event.quantity };
    case 'StockReserved':
      return { ...state, onHand: state.onHand - event.quantity, reserved: state.reserved + event.quantity };
    case 'StockReleased':
      return { ...state, onHand: state.onHand + event.quantity, reserved: state.reserved - event.quantity };
    case 'StockShipped':
      return {
        ...state,
        reserved: state.reserved - event.quantity,
        shipped: state.shipped + event.quantity,
      };
    default:
      return assertNever(event);
  }
}

function defined(state: Stock, { sku, name, price }: Extract<StockEvent, { type: 'ProductDefined' }>): Stock {
  const { onHand, reserved, shipped } =
    state.status === 'defined' ? state : { onHand: 0, reserved: 0, shipped: 0 };
  return { status: 'defined', sku, name, price, onHand, reserved, shipped };
}
