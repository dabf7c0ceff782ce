import { Injectable } from '@nestjs/common';
import { isAbsent } from '@millrace/operations/client';
import type { HistoryPage } from '@millrace/operations/contract';
import type { OrderInside, ShopView } from './views.ts';
import type { ShownSaga } from '../api/sagas.ts';
import type { Trace } from '../api/trace.ts';
import { SagaReader } from '../sagas/saga-reader.ts';
import { System } from '../system/system.ts';
import { TraceReader } from '../trace/trace-reader.ts';
import { sampleOrders } from './scenarios.ts';
import { ShopServices } from './shop-services.ts';

const definitions = ['fulfillment', 'return'];
const scenarios = sampleOrders.map(({ id, name, story }) => ({ id, name, story }));

/** Combines the answers of the shop's services with the operators' view of an order. */
@Injectable()
export class ShopReader {
  constructor(
    private readonly services: ShopServices,
    private readonly sagas: SagaReader,
    private readonly traces: TraceReader,
    private readonly system: System,
  ) {}

  /** Returns a function that reads the shop again. */
  followingShop(): () => Promise<ShopView> {
    const read = readingEach({
      products: () => this.services.products(),
      accounts: () => this.services.accounts(),
      orders: () => this.services.orders(),
    });
    return async () => ({ scenarios, ...(await read()) });
  }

  /** Returns a function that reads everything about the order again. */
  followingOrder(orderId: string): () => Promise<OrderInside> {
    const traces = new Map<string, () => Promise<Trace>>();
    const traceOf = (correlationId: string) => {
      const found = traces.get(correlationId) ?? this.traces.following(correlationId);
      traces.set(correlationId, found);
      return found();
    };
    const read = readingEach({
      order: () => this.services.order(orderId),
      orderReturn: () => this.services.orderReturn(orderId),
      mails: () => this.services.mails(orderId),
      fulfillment: () => this.services.fulfillment(orderId),
      correlation: () => this.#correlationOf(orderId),
      sagas: () => this.#sagasOf(orderId),
    });
    return async () => {
      const { order, sagas = [], correlation, ...others } = await read();
      if (order === undefined) throw new Error(others.missing.join('; '));
      const ofSagas = sagas.map(({ saga }) => saga.correlationId);
      const correlations = [...new Set([...(correlation === undefined ? [] : [correlation]), ...ofSagas])];
      const found = await Promise.all(correlations.map(traceOf));
      const trace = {
        events: found.flatMap(({ events }) => events),
        messages: found.flatMap(({ messages }) => messages),
      };
      const logsUrl = this.system.addresses.processes()['logs'];
      return { order, sagas, correlations, trace, ...(logsUrl !== undefined && { logsUrl }), ...others };
    };
  }

  /** The correlation id of everything that placing the order has caused. */
  async #correlationOf(orderId: string): Promise<string | undefined> {
    const order = this.system.operatorOf('order');
    const { body } = await order.get<HistoryPage>(`/ops/streams/order-${orderId}?limit=1`);
    return body.items[0]?.correlationId;
  }

  async #sagasOf(orderId: string): Promise<readonly ShownSaga[]> {
    const sagaOf = (definition: string) =>
      this.sagas.one({ service: 'order', definition, id: orderId }).then(
        (saga) => [saga],
        (error: unknown) => {
          if (isAbsent(error)) return [];
          throw error;
        },
      );
    return (await Promise.all(definitions.map(sagaOf))).flat();
  }
}

/**
 * Returns a function that reads several parts, and keeps the previous value of a part that cannot
 * be read.
 */
function readingEach<Parts extends object>(
  reads: Readonly<{ [Name in keyof Parts]: () => Promise<Parts[Name]> }>,
): () => Promise<Partial<Parts> & { readonly missing: readonly string[] }> {
  let shown: Partial<Parts> = {};
  return async () => {
    const missing = new Set<string>();
    const readPart = async ([name, read]: [string, () => Promise<unknown>]) => {
      try {
        const part = await read();
        shown = { ...shown, [name]: part };
      } catch (error) {
        missing.add((error as Error).message);
      }
    };
    await Promise.all(Object.entries<() => Promise<unknown>>(reads).map(readPart));
    return { ...shown, missing: [...missing] };
  };
}
