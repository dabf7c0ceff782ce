import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ActiveCustomers } from './active-customers.ts';
import { placeOrder } from './order.dto.ts';

/**
 * Loads the keys that an order needs. Guards run before the idempotency interceptor, so no request
 * waits for a slow database of keys with an open transaction. It refuses no customer: the answer to
 * an order of before an erasure must stay the same.
 */
@Injectable()
export class CustomerKeys implements CanActivate {
  constructor(private readonly customers: ActiveCustomers) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    const order = placeOrder.safeParse(body);
    if (order.success) await this.customers.loadKeys(order.data.customerId);
    return true;
  }
}
