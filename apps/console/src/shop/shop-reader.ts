import { Injectable } from '@nestjs/common';
import { isAbsent } from '@millrace/operations/client';
import type { OrderInside } from './views.ts';
import type { ShownSaga } from '../api/sagas.ts';
import type { Trace } from '../api/trace.ts';
import { SagaReader } from '../sagas/saga-reader.ts';
import { TraceReader } from '../trace/trace-reader.ts';
import { ShopServices } from './shop-services.ts';

const definitions = ['fulfillment', 'return'];

/** Joins what the shop's services say about an order with what operators see of it. */
@Injectable()
export class ShopReader {
  constructor(
    private readonly services: ShopServices,
    private readonly sagas: SagaReader,
    private readonly traces: TraceReader,
  ) {}

  /** Returns a function that reads everything about the order again. */
  following(orderId: string): () => Promise<OrderInside> {
    const traces = new Map<string, () => Promise<Trace>>();
    const traceOf = (correlationId: string) => {
      const found = traces.get(correlationId) ?? this.traces.following(correlationId);
      traces.set(correlationId, found);
      return found();
    };
    return async () => {
      const [order, orderReturn, mails, sagas] = await Promise.all([
        this.services.order(orderId),
        this.services.orderReturn(orderId),
        this.services.mails(orderId),
        this.sagasOf(orderId),
      ]);
      const found = await Promise.all(sagas.map(({ saga }) => traceOf(saga.correlationId)));
      const trace = {
        events: found.flatMap(({ events }) => events),
        messages: found.flatMap(({ messages }) => messages),
      };
      return { order, orderReturn, sagas, trace, mails };
    };
  }

  private async sagasOf(orderId: string): Promise<readonly ShownSaga[]> {
    const found = await Promise.all(
      definitions.map((definition) =>
        this.sagas
          .one({ service: 'order', definition, id: orderId })
          .then((saga) => [saga])
          .catch((error: unknown) => {
            if (isAbsent(error)) return [];
            throw error;
          }),
      ),
    );
    return found.flat();
  }
}
