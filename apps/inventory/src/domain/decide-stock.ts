import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';
import type { StockEvent } from './events.ts';
import {
  evolve,
  initialState,
  snapshots,
  unitsMax,
  type Stock,
  type StockCommand,
  type StockRejection,
} from './stock.ts';

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

const received = ({ onHand, reserved, shipped }: Extract<Stock, { status: 'defined' }>): number =>
  onHand + reserved + shipped;
