import type { Money } from '@millrace/contracts';
import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';

/** One SKU: a product and its units. On hand + reserved + shipped = received, always. */
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

export type StockEvent =
  | { readonly type: 'ProductDefined'; readonly sku: string; readonly name: string; readonly price: Money }
  | { readonly type: 'ProductPriceChanged'; readonly sku: string; readonly price: Money }
  | { readonly type: 'StockReceived'; readonly sku: string; readonly quantity: number }
  | {
      readonly type: 'StockReserved';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockReleased';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockShipped';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    };

export type StockCommand =
  | { readonly type: 'DefineProduct'; readonly sku: string; readonly name: string; readonly price: Money }
  | { readonly type: 'ReceiveStock'; readonly sku: string; readonly quantity: number };

export type StockRejection = 'unknown_product' | 'stock_limit_exceeded';

/** Beyond this a count would stop being exact in JSON. */
export const unitsMax = 1_000_000_000;

export const stock: Decider<StockCommand, StockEvent, Stock, StockRejection> = {
  initialState: { status: 'undefined' },

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

  evolve(state, event) {
    if (event.type === 'ProductDefined') return defined(state, event);
    if (state.status === 'undefined') throw new Error(`${event.sku}: a product begins with ProductDefined`);
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
  },
};

/** Saying the same again changes nothing; another price alone is a change of price. */
function define(
  { sku, name, price }: Extract<StockCommand, { type: 'DefineProduct' }>,
  state: Stock,
): readonly StockEvent[] {
  if (state.status === 'undefined' || state.name !== name || state.price.currency !== price.currency)
    return [{ type: 'ProductDefined', sku, name, price }];
  return state.price.amount === price.amount ? [] : [{ type: 'ProductPriceChanged', sku, price }];
}

function defined(state: Stock, { sku, name, price }: Extract<StockEvent, { type: 'ProductDefined' }>): Stock {
  const { onHand, reserved, shipped } =
    state.status === 'defined' ? state : { onHand: 0, reserved: 0, shipped: 0 };
  return { status: 'defined', sku, name, price, onHand, reserved, shipped };
}

const received = ({ onHand, reserved, shipped }: Extract<Stock, { status: 'defined' }>): number =>
  onHand + reserved + shipped;
