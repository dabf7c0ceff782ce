import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { isRejected } from '@millrace/event-sourcing';
import {
  asOfQuery,
  currentRequest,
  Describe,
  historyItem,
  historyPage,
  LongLived,
  notFound,
  OpenedLiveEvents,
  readOptionsOf,
  VERSION_WAITS,
  type AsOf,
  type Page,
} from '@millrace/service-chassis/http';
import type { LiveMessage, VersionWaits } from '@millrace/read-models';
import { LOGGER, newId, COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { OrderStyles } from '../choreography/order-style.ts';
import { order } from '../domain/order.ts';
import { priceOrder } from '../domain/pricing.ts';
import { PriceList } from '../projections/price-list.ts';
import { orderStream } from '../stream-ids.ts';
import {
  cancelling,
  fromEvent,
  listOrders,
  orderIdParam,
  orderPage,
  orderView,
  pageOfHistory,
  personalPartOf,
  placed,
  placeOrder,
} from './order.dto.ts';
import type { FromEvent, ListOrders, OrderView, PageOfHistory, PlaceOrderRequest } from './order.dto.ts';
import { OrderEventsGuard } from './order-events.guard.ts';
import { OrderViews } from './order-views.ts';
import { ActiveCustomers, PlaceOrderPreparation } from './place-order-preparation.ts';
import { refusal } from './refusal.ts';

const unknownOrder = () => notFound('unknown_order', 'There is no such order');

@Controller('orders')
export class OrdersController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    private readonly customers: ActiveCustomers,
    private readonly prices: PriceList,
    private readonly views: OrderViews,
    @Inject(VERSION_WAITS) private readonly waits: VersionWaits,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly styles: OrderStyles,
  ) {}

  @Post()
  @UseGuards(PlaceOrderPreparation)
  @HttpCode(202)
  @Describe({
    summary: 'Place an order',
    description:
      'An order for a new product waits until the price has arrived from inventory, ' +
      'for 5 s at most unless configured otherwise. After that, the product counts as unknown.',
    answers: { 202: placed },
    problems: {
      409: ['customer_erased'],
      422: ['unknown_product', 'several_currencies', 'total_too_large'],
      503: ['too_many_waits'],
    },
  })
  async place(
    @Body({ schema: placeOrder }) request: PlaceOrderRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { customerId, lines } = request;
    const priced = priceOrder(lines, await this.prices.pricesOf(lines.map(({ sku }) => sku)));
    if (isRejected(priced)) throw refusal(priced, lines);
    await this.customers.refuseErased(customerId);
    const orderId = newId();
    const placedAt = new Date().toISOString();
    const outcome = await this.commands.handleNew(currentRequest, order, orderStream(orderId), {
      type: 'PlaceOrder',
      orderId,
      customerId,
      ...priced,
      placedAt,
      style: 'orchestrated',
      ...this.styles.styleOf(request),
      personal: personalPartOf(request),
    });
    if (isRejected(outcome)) throw refusal(outcome);
    this.logger.info({ orderId }, 'order placed');
    reply.header('location', `/orders/${orderId}`);
    return { orderId, status: 'pending' as const, version: Number(outcome.version) };
  }

  @Post(':orderId/cancel')
  @HttpCode(202)
  @Describe({
    summary: 'Cancel an order before it is completed',
    answers: { 202: cancelling },
    problems: { 404: ['unknown_order'], 409: ['order_not_cancellable'] },
  })
  async cancel(@Param('orderId', { schema: orderIdParam }) orderId: string) {
    const requestedAt = new Date().toISOString();
    const outcome = await this.commands.handle(currentRequest, order, orderStream(orderId), {
      type: 'RequestCancellation',
      orderId,
      requestedAt,
    });
    if (isRejected(outcome)) throw refusal(outcome);
    return { orderId, status: outcome.state.status, version: Number(outcome.version) };
  }

  @Get()
  @Describe({ summary: 'List orders, newest first', answers: { 200: orderPage } })
  list(@Query({ schema: listOrders }) query: ListOrders): Promise<Page<OrderView>> {
    return this.views.list(query);
  }

  @Get(':orderId')
  @Describe({
    summary:
      'Get an order as it is now, as it was at a version or a moment, or once it has reached a version',
    answers: { 200: orderView },
    problems: {
      404: ['unknown_order', 'unknown_version'],
      409: ['version_not_reached'],
      503: ['too_many_waits'],
    },
  })
  async one(
    @Param('orderId', { schema: orderIdParam }) orderId: string,
    @Query({ schema: asOfQuery }) asOf: AsOf,
  ): Promise<OrderView> {
    await this.waits.reached(orderStream(orderId), asOf);
    const view =
      readOptionsOf(asOf) === undefined
        ? await this.views.one(orderId)
        : await this.views.asOf(orderId, asOf);
    if (view === undefined) throw unknownOrder();
    return view;
  }

  @Get(':orderId/history')
  @Describe({
    summary: "List the order's events, without personal data",
    answers: { 200: historyPage },
    problems: { 404: ['unknown_order'] },
  })
  async history(
    @Param('orderId', { schema: orderIdParam }) orderId: string,
    @Query({ schema: pageOfHistory }) page: PageOfHistory,
  ) {
    await this.existing(orderId);
    return this.commands.history(orderStream(orderId), page);
  }

  @Sse(':orderId/events')
  @UseGuards(OrderEventsGuard)
  @LongLived()
  @Describe({
    summary:
      "Stream the order's events as they happen, from the first one or after Last-Event-ID, until the order has ended",
    description:
      '`id` is the version, `event` the type, and `data` the item that /history shows. ' +
      'An event `end` comes last. A client that already has all events of an ended order gets 204.',
    events: historyItem,
    answers: { 204: null },
    problems: { 404: ['unknown_order'], 503: ['too_many_live_events'] },
  })
  events(
    @Param('orderId', { schema: orderIdParam }) _orderId: string,
    @Query({ schema: fromEvent }) _from: FromEvent,
    @OpenedLiveEvents() events: Observable<LiveMessage>,
  ): Observable<LiveMessage> {
    return events;
  }

  private async existing(orderId: string): Promise<OrderView> {
    const view = await this.views.one(orderId);
    if (view === undefined) throw unknownOrder();
    return view;
  }
}
