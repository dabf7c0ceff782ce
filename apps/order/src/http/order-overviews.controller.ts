import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  Describe,
  notFound,
  READ_WAITS,
  viewsOf,
  type Page,
  type ReadWaits,
  type VersionWait,
} from '@millrace/service-chassis/http';
import { READ_DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { orderOverview } from '../projections/order-overview.projection.ts';
import { orderIdParam } from './order.dto.ts';
import {
  listOverviews,
  overviewPage,
  overviewView,
  overviewWait,
  type ListOverviews,
  type OverviewView,
} from './order-overview.dto.ts';

/**
 * The read API. It shows what all services have done for an order, as of the last event that has
 * arrived here. It lags behind the writes by milliseconds, or by the length of an outage.
 */
@Controller('order-overviews')
export class OrderOverviewsController {
  constructor(
    @Inject(READ_DATABASE) private readonly database: SqlDatabase,
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
    if (order !== undefined) await this.waits.of(orderOverview).reached(order, { wait, waitMs });
    return viewsOf(orderOverview, this.database).page({ limit, cursor, where: { customerId, status } });
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
    await this.waits.of(orderOverview).reached(orderId, wait);
    const view = await viewsOf(orderOverview, this.database).one(orderId);
    if (view === undefined)
      throw notFound('unknown_order', 'There is no such order, or its events have not arrived here yet');
    return view;
  }
}
