import type { Money } from '@millrace/contracts';
import { assertNever, stateSchema, rejected, type Decider } from '@millrace/event-sourcing';
import { z } from 'zod';
import type { StockEvent } from './events.ts';

export type StockCommand =
  | { readonly type: 'DefineProduct'; readonly sku: string; readonly name: string; readonly price: Money }
  | { readonly type: 'ReceiveStock'; readonly sku: string; readonly quantity: number };

type StockRejection = 'unknown_product' | 'stock_limit_exceeded';

/**
 * A product and its units. On hand + reserved + shipped + returned always equals the units received.
 * Returned units have come back from a customer and are not for sale yet.
 */
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
      readonly returned: number;
    };

/** The limit on the units of a product ever received. It is far below what JSON carries exactly. */
export const unitsMax = 1_000_000_000;

const initialState: Stock = { status: 'undefined' };

/**
 * A product that sells gets an event for each order line, so its stream grows long. Its state holds
 * no personal data.
 */
const snapshots = stateSchema<Stock>('stock', {
  version: 2,
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
      returned: z.int(),
    }),
  ]),
});

export const stock: Decider<StockCommand, StockEvent, Stock, StockRejection> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'DefineProduct':
        return define(command, state);
      case 'ReceiveStock':
        if (state.status === 'undefined') return rejected('unknown_product', { sku: command.sku });
        if (received(state) + command.quantity > unitsMax)
          return rejected('stock_limit_exceeded', { unitsMax });
        return [{ type: 'StockReceived', sku: command.sku, quantity: command.quantity }];
      default:
        return assertNever(command);
    }
  },

  evolve,
  snapshots,
};

/**
 * Repeating a definition changes nothing. If only the amount of the price is new, a change of price
 * is recorded.
 */
function define(
  { sku, name, price }: Extract<StockCommand, { type: 'DefineProduct' }>,
  state: Stock,
): readonly StockEvent[] {
  if (state.status === 'undefined' || state.name !== name || state.price.currency !== price.currency)
    return [{ type: 'ProductDefined', sku, name, price }];
  return state.price.amount === price.amount ? [] : [{ type: 'ProductPriceChanged', sku, price }];
}

const received = ({ onHand, reserved, shipped, returned }: Extract<Stock, { status: 'defined' }>): number =>
  onHand + reserved + shipped + returned;

function evolve(state: Stock, event: StockEvent): Stock {
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
    case 'StockReturned':
      return {
        ...state,
        shipped: state.shipped - event.quantity,
        returned: state.returned + event.quantity,
      };
    case 'StockSentBack':
      return {
        ...state,
        returned: state.returned - event.quantity,
        shipped: state.shipped + event.quantity,
      };
    case 'StockRestocked':
      return { ...state, returned: state.returned - event.quantity, onHand: state.onHand + event.quantity };
    default:
      return assertNever(event);
  }
}

function defined(state: Stock, { sku, name, price }: Extract<StockEvent, { type: 'ProductDefined' }>): Stock {
  const { onHand, reserved, shipped, returned } =
    state.status === 'defined' ? state : { onHand: 0, reserved: 0, shipped: 0, returned: 0 };
  return { status: 'defined', sku, name, price, onHand, reserved, shipped, returned };
}
