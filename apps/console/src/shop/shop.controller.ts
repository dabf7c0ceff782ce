import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { notFound, Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { SagaReader } from '../sagas/saga-reader.ts';
import { actAsCustomer } from './customer.ts';
import { sampleOrders } from './scenarios.ts';
import { ShopReader } from './shop-reader.ts';
import { ShopServices } from './shop-services.ts';

const orderName = z.strictObject({ orderId: z.uuid() });
const place = z.strictObject({ scenario: z.string().max(50) });

const everyMs = { shop: 2_000, order: 500 };
/** An order is read from every service and the log, which is much where nothing happens any more. */
const quiet = { afterMs: 10_000, everyMs: 2_000 };

/** The sample shop: places orders, and shows what happens inside. A fork deletes this folder. */
@Controller('api/shop')
@Undocumented()
export class ShopController {
  constructor(
    private readonly services: ShopServices,
    private readonly reader: ShopReader,
    private readonly sagas: SagaReader,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('live')
  shop(@Headers('last-event-id') lastEventId: string | undefined) {
    const read = this.reader.followingShop();
    return this.answers.follow('shop', { everyMs: everyMs.shop, read }, lastEventId);
  }

  @Live('orders/live/:orderId')
  order(
    @Param({ schema: orderName }) { orderId }: z.infer<typeof orderName>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = this.reader.followingOrder(orderId);
    return this.answers.follow(`order ${orderId}`, { everyMs: everyMs.order, quiet, read }, lastEventId);
  }

  @Post('orders')
  @HttpCode(201)
  async place(@Body({ schema: place }) { scenario }: z.infer<typeof place>) {
    const sample = sampleOrders.find(({ id }) => id === scenario);
    if (sample === undefined) throw notFound('unknown_scenario', 'There is no such sample order');
    return { orderId: await actAsCustomer(sample, this.services, this.sagas) };
  }
}
