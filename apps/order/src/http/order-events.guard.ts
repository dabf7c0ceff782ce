import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { LiveEvents } from '@millrace/read-models';
import { LIVE_EVENTS, notFound, openInGuard } from '@millrace/service-chassis/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { orderStream } from '../stream-ids.ts';
import { fromEvent, orderIdParam } from './order.dto.ts';
import { OrderViews } from './order-views.ts';

/** Opens the events of an order, or refuses the request before its stream begins. */
@Injectable()
export class OrderEventsGuard implements CanActivate {
  constructor(
    private readonly views: OrderViews,
    @Inject(LIVE_EVENTS) private readonly liveEvents: LiveEvents,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const { params, query, headers } = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { orderId: string } }>>();
    const orderId = orderIdParam.safeParse(params.orderId);
    const from = fromEvent.safeParse(query);
    if (!orderId.success || !from.success) return true; // the handler's schemas refuse it
    const header = headers['last-event-id'];
    const events = this.liveEvents.of({
      stream: orderStream(orderId.data),
      lastEventId: (typeof header === 'string' ? header : '') || from.data.lastEventId,
      response: context.switchToHttp().getResponse<FastifyReply>().raw,
      progress: async () => {
        const view = await this.views.one(orderId.data);
        if (view === undefined) throw notFound('unknown_order', 'There is no such order');
        return { version: view.version, ended: view.status === 'completed' || view.status === 'cancelled' };
      },
    });
    return openInGuard(context, events);
  }
}
