/** A possible next release of the order service, with a second version of the fulfillment saga. */
import { bootService } from '@millrace/service-chassis/service';
import { settingsWith } from '../../../../apps/order/src/config.ts';
import { fulfillment } from '../../../../apps/order/src/fulfillment/fulfillment.saga.ts';
import { orderModule } from '../../../../apps/order/src/order.module.ts';
import { paidFirst } from './paid-first.saga.ts';

const sagas = [fulfillment, paidFirst];

await bootService({
  name: 'order',
  settings: settingsWith(sagas),
  module: (config) => orderModule(config, sagas),
  logSubject: 'orderId',
});
