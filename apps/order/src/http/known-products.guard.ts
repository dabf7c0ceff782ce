import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PriceList } from '../projections/price-list.ts';
import { placeOrder } from './order.dto.ts';

/**
 * Waits for the prices of the ordered products. This is a guard because guards run before the
 * idempotency interceptor, so no request waits with an open transaction. It lets every request
 * pass: validation rejects a malformed order, and the handler rejects products that are still
 * unknown.
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
