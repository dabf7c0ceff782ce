import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { notificationCommands, paymentCommands, shippingCommands } from '@millrace/contracts';
import { rejected } from '@millrace/event-sourcing';
import { PERSONAL_DATA } from '@millrace/service-chassis/service';
import type { LoadedKeys, PersonalData } from '@millrace/streaming-core/personal';
import type { FastifyRequest } from 'fastify';
import { PriceList } from '../projections/price-list.ts';
import { placeOrder } from './order.dto.ts';
import { refusal } from './refusal.ts';

/** The services that get personal data of an order, each in commands that its own key seals. */
const holders = [
  'order',
  ...[
    paymentCommands.ProcessPayment,
    shippingCommands.ScheduleShipment,
    notificationCommands.SendOrderMail,
  ].flatMap(({ personal }) => personal?.holder ?? []),
];

/** The customers whose orders are accepted. */
@Injectable()
export class ActiveCustomers {
  constructor(@Inject(PERSONAL_DATA) private readonly personalData: PersonalData) {}

  /**
   * Throws the 409 `customer_erased` once the erasure of the customer has begun. Another process may
   * have begun it up to `keyCacheMsByDefault` ago without this one knowing.
   */
  async refuseErased(customerId: string): Promise<void> {
    const keys = await this.loadKeys(customerId);
    if (keys.subjectState(customerId) !== 'active') throw refusal(rejected('customer_erased'));
  }

  /** Loads every key that an order will need, with one statement. */
  loadKeys(customerId: string): Promise<LoadedKeys> {
    return this.personalData.keysToSeal(holders.map((holder) => ({ holder, subject: customerId })));
  }
}

/**
 * Waits for the prices of the ordered products, and loads the keys that the order needs. Guards run
 * before the idempotency interceptor, so no request waits for either with an open transaction. It
 * lets every request pass: validation refuses a malformed order, and the handler an unknown product
 * or an erased customer, because an order that was placed before the erasure must get the same answer again.
 */
@Injectable()
export class PlaceOrderPreparation implements CanActivate {
  constructor(
    private readonly prices: PriceList,
    private readonly customers: ActiveCustomers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    const order = placeOrder.safeParse(body);
    if (!order.success) return true;
    await this.prices.awaitPrices(order.data.lines.map(({ sku }) => sku));
    await this.customers.loadKeys(order.data.customerId);
    return true;
  }
}
