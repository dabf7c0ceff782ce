import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PriceList } from '../projections/price-list.ts';
import { placeOrder } from './order.dto.ts';

/**
 * Waits a moment for the prices of what is ordered. A guard, because it runs before the idempotency interceptor: nobody waits with a
 * transaction open. It lets everything pass; the handler refuses what is still unknown, and the validation what is no order.
 */
@Injectable()
export class KnownProducts implements CanActivate {
  constructor(private readonly prices: PriceList) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    const order = placeOrder.safeParse(body);
    if (order.success) await this.prices.awaitPrices(order.data.lines.map(({ sku }) => sku));
    return true;
  }
}
