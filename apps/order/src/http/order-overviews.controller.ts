import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { shown, waitQuery, type VersionWait } from '@millrace/read-models';
import {
  Describe,
  notFound,
  pageOf,
  pageQuery,
  READ_ENTITIES,
  READ_WAITS,
  readPage,
  type Page,
  type ReadEntities,
  type ReadWaits,
} from '@millrace/service-chassis/http';
import type { SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { OrderOverview } from '../projections/order-overview.ts';
import { orderStatus } from '../projections/order-summary.ts';
import { orderIdParam, placedPosition } from './order.dto.ts';

const listOverviews = z
  .strictObject({
    ...pageQuery,
    customerId: fields.customerId.optional(),
    status: orderStatus.optional(),
    ...waitQuery,
    order: fields.orderId.optional().describe('The order whose version `wait` refers to'),
  })
  .refine(({ wait, order }) => (wait === undefined) === (order === undefined), {
    message: 'wait and order must be given together: the version and the order id from the answer to a POST',
    path: ['wait'],
  });
const overviewWait = z.strictObject(waitQuery);
const overviewView = z.object({
  orderId: fields.orderId,
  customerId: fields.customerId,
  status: orderStatus,
  reason: fields.reason.optional(),
  total: fields.money,
  reservation: z.enum(['reserved', 'failed', 'released', 'committed']).optional(),
  payment: z.enum(['processed', 'failed', 'refunded']).optional(),
  shipment: z.enum(['scheduled', 'failed', 'cancelled', 'dispatched', 'delivered']).optional(),
  mail: z.string().optional().describe('The kind of the last mail that was sent'),
  version: z
    .number()
    .int()
    .min(0)
    .describe('The version of the order; 0 if its events are from before messages carried versions'),
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
const overviewPage = pageOf(overviewView);

type OverviewView = z.infer<typeof overviewView>;
type ListOverviews = z.infer<typeof listOverviews>;

/**
 * The read API. It shows what all services have done for an order, as of the last event that has
 * arrived here. It lags behind the writes by milliseconds, or by the length of an outage.
 */
@Controller('order-overviews')
export class OrderOverviewsController {
  constructor(
    @Inject(READ_ENTITIES) private readonly entities: ReadEntities,
    @Inject(READ_WAITS) private readonly waits: ReadWaits,
  ) {}

  @Get()
  @Describe({
    summary:
      'List order overviews, newest first; with `order` and `wait`, wait until the overview of that ' +
      'order has reached the version',
    answers: { 200: overviewPage },
    problems: { 409: ['version_not_reached'], 503: ['too_many_waits'] },
  })
  async list(@Query({ schema: listOverviews }) query: ListOverviews): Promise<Page<OverviewView>> {
    const { order, wait, waitMs, limit, cursor, customerId, status } = query;
    if (order !== undefined) await this.waits.of(OrderOverview).reached(order, { wait, waitMs });
    const rows = await this.rows();
    if (customerId !== undefined) rows.andWhere({ customerId });
    if (status !== undefined) rows.andWhere({ status });
    const { items, nextCursor } = await readPage(rows, {
      limit,
      cursor,
      by: ['placedAt', 'orderId'],
      order: 'DESC',
      position: placedPosition,
    });
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':orderId')
  @Describe({
    summary: 'Get the overview of an order, as it is now or once it has reached a version of the order',
    answers: { 200: overviewView },
    problems: { 404: ['unknown_order'], 409: ['version_not_reached'], 503: ['too_many_waits'] },
  })
  async one(
    @Param('orderId', { schema: orderIdParam }) orderId: string,
    @Query({ schema: overviewWait }) wait: VersionWait,
  ): Promise<OverviewView> {
    await this.waits.of(OrderOverview).reached(orderId, wait);
    const row = await (await this.rows()).andWhere({ orderId }).getOne();
    if (row === null)
      throw notFound('unknown_order', 'There is no such order, or its events have not arrived here yet');
    return viewOf(row);
  }

  /** Selects the orders that have arrived themselves. Other services may be ahead of them. */
  private async rows(): Promise<SelectQueryBuilder<OrderOverview>> {
    const overviews = await this.entities.of(OrderOverview);
    return overviews.createQueryBuilder('overview').where('overview.placedAt IS NOT NULL');
  }
}

function viewOf({ totalAmount, totalCurrency, version, ...row }: OrderOverview): OverviewView {
  const total = { amount: totalAmount, currency: totalCurrency };
  return shown({ ...row, total, version: version ?? 0 }) as OverviewView;
}
