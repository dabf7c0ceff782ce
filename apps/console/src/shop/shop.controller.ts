import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Describe, notFound } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
import { actAsCustomer } from './customer.ts';
import { sampleOrders } from './scenarios.ts';
import { ShopReader } from './shop-reader.ts';
import { ShopServices } from './shop-services.ts';

const orderName = z.strictObject({ orderId: z.uuid() });
const place = z.strictObject({ scenario: z.string().max(50) });

/** The sample shop: places orders, and shows what happens inside. A fork deletes this folder. */
@Controller('api/shop')
export class ShopController {
  constructor(
    private readonly services: ShopServices,
    private readonly reader: ShopReader,
  ) {}

  @Followed('live', 'Follow the products, the accounts and the latest orders')
  shop() {
    return { everyMs: 2_000, read: this.reader.followingShop() };
  }

  /**
   * Follows an order. It is read from every service and the log, which is expensive, so it is read
   * less often once nothing happens any more.
   */
  @Followed('orders/live/:orderId', 'Follow an order through all services')
  order(@Param({ schema: orderName }) { orderId }: z.infer<typeof orderName>) {
    const quiet = { afterMs: 10_000, everyMs: 2_000 };
    return { everyMs: 500, quiet, read: this.reader.followingOrder(orderId) };
  }

  @Post('orders')
  @HttpCode(201)
  @Describe({
    summary: 'Place a sample order, and act as its customer',
    answers: { 201: inWords('The id of the order') },
    problems: { 403: ['read_only'], 404: ['unknown_scenario', 'no_shop'], 502: ['no_answer'] },
  })
  async place(@Body({ schema: place }) { scenario }: z.infer<typeof place>) {
    const sample = sampleOrders.find(({ id }) => id === scenario);
    if (sample === undefined) throw notFound('unknown_scenario', 'There is no such sample order');
    return { orderId: await actAsCustomer(sample, this.services) };
  }
}
