import { Inject, Injectable } from '@nestjs/common';
import { foldEvents, type EventStore, type RecordedEvent } from '@millrace/event-sourcing';
import {
  decodeCursor,
  notFound,
  pageFrom,
  readOptionsOf,
  type AsOf,
  type Page,
} from '@millrace/service-chassis/http';
import { DATABASE, ENTITIES, EVENT_STORE, type Entities } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { order } from '../domain/decide.ts';
import type { OrderEvent } from '../domain/events.ts';
import { OrderSummary } from '../projections/order-summary.entity.ts';
import { orderStream } from '../streams.ts';
import type { ListOrders, OrderView } from './order.dto.ts';

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** The read side: rows of the projection for now, a fold of the stream for any other moment. */
@Injectable()
export class OrderViews {
  constructor(
    @Inject(ENTITIES) private readonly entities: Entities,
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  async one(orderId: string): Promise<OrderView | undefined> {
    const row = await this.entities.of(OrderSummary).findOneBy({ orderId });
    return row === null ? undefined : toView(row);
  }

  /** Newest first; the cursor is the last row's place in that order. */
  async list({ customerId, status, limit, cursor }: ListOrders): Promise<Page<OrderView>> {
    const after = decodeCursor(cursor, cursorShape);
    const query = this.entities
      .of(OrderSummary)
      .createQueryBuilder('o')
      .orderBy('o.placedAt', 'DESC')
      .addOrderBy('o.orderId', 'DESC')
      .limit(limit + 1);
    narrow(query, { customerId, status });
    if (after !== undefined)
      query.andWhere('(o.placed_at, o.order_id) < (:placedAt, :orderId)', {
        placedAt: new Date(after[0]),
        orderId: after[1],
      });
    const rows = (await query.getMany()).map(toView);
    return pageFrom(rows, limit, ({ placedAt, orderId }) => [placedAt, orderId]);
  }

  /** The order as it was; undefined when there was none then. A version that it has not come to is a 404 of its own. */
  async asOf(orderId: string, asOf: AsOf): Promise<OrderView | undefined> {
    const events = (await this.store.read(
      this.database,
      orderStream(orderId),
      readOptionsOf(asOf),
    )) as readonly RecordedEvent<OrderEvent>[];
    const last = events.at(-1);
    if (last === undefined) return undefined;
    if (asOf.version !== undefined && last.version < BigInt(asOf.version))
      throw notFound('unknown_version', `The order has ${last.version} events so far`);
    return viewOf(events, last);
  }
}

function narrow(
  query: SelectQueryBuilder<OrderSummary>,
  { customerId, status }: Pick<ListOrders, 'customerId' | 'status'>,
): void {
  if (customerId !== undefined) query.andWhere('o.customerId = :customerId', { customerId });
  if (status !== undefined) query.andWhere('o.status = :status', { status });
}

const toView = ({
  orderId,
  customerId,
  status,
  reason,
  lines,
  totalAmount,
  totalCurrency,
  version,
  placedAt,
  updatedAt,
}: OrderSummary): OrderView => ({
  orderId,
  customerId,
  status,
  ...(reason === null ? {} : { reason }),
  lines: [...lines],
  total: { amount: totalAmount, currency: totalCurrency },
  version,
  placedAt: placedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

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
