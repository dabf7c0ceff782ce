import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { foldEvents, type EventStore, type RecordedEvent } from '@millrace/event-sourcing';
import { shown } from '@millrace/read-models';
import { notFound, readOptionsOf, readPage, type AsOf, type Page } from '@millrace/service-chassis/http';
import { DATABASE, EVENT_STORE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Repository } from 'typeorm';
import { order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/events.ts';
import { OrderSummary } from '../projections/order-summary.ts';
import { orderStream } from '../stream-ids.ts';
import { placedPosition, type ListOrders, type OrderView } from './order.dto.ts';

/**
 * Reads orders: the current state from the projection's rows, any earlier state by folding the
 * stream.
 */
@Injectable()
export class OrderViews {
  constructor(
    @InjectRepository(OrderSummary) private readonly summaries: Repository<OrderSummary>,
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  async one(orderId: string): Promise<OrderView | undefined> {
    const row = await this.summaries.findOneBy({ orderId });
    return row === null ? undefined : viewOfRow(row);
  }

  async list({ limit, cursor, customerId, status }: ListOrders): Promise<Page<OrderView>> {
    const query = this.summaries.createQueryBuilder('summary');
    if (customerId !== undefined) query.andWhere({ customerId });
    if (status !== undefined) query.andWhere({ status });
    const { items, nextCursor } = await readPage(query, {
      limit,
      cursor,
      by: ['placedAt', 'orderId'],
      order: 'DESC',
      position: placedPosition,
    });
    return { items: items.map(viewOfRow), nextCursor };
  }

  /**
   * Returns the order as it was, or undefined if it did not exist yet. Throws the 404
   * `unknown_version` for a version that the order has not reached.
   */
  async asOf(orderId: string, asOf: AsOf): Promise<OrderView | undefined> {
    const events = (await this.store.read(this.database, orderStream(orderId), {
      ...readOptionsOf(asOf),
      opens: false,
    })) as readonly RecordedEvent<OrderEvent>[];
    const last = events.at(-1);
    if (last === undefined) return undefined;
    if (asOf.version !== undefined && last.version < BigInt(asOf.version))
      throw notFound('unknown_version', `The order has ${last.version} events so far`);
    return viewOf(events, last);
  }
}

function viewOfRow({ totalAmount, totalCurrency, ...row }: OrderSummary): OrderView {
  return shown({ ...row, total: { amount: totalAmount, currency: totalCurrency } });
}

function viewOf(
  events: readonly RecordedEvent<OrderEvent>[],
  last: RecordedEvent<OrderEvent>,
): OrderView | undefined {
  const state = foldEvents(
    order,
    events.map(({ event }) => event),
  );
  const [first] = events;
  if (state.status === 'absent' || first?.event.type !== 'OrderCreated') return undefined;
  const { orderId, customerId, status, lines, total } = state;
  const reason = state.status === 'cancelled' ? { reason: state.reason } : {};
  const times = { placedAt: first.event.placedAt, updatedAt: last.recordedAt.toISOString() };
  return {
    orderId,
    customerId,
    status,
    ...reason,
    lines: [...lines],
    total,
    version: Number(last.version),
    ...times,
  };
}
