/** A possible next release of the order service, with a second version of the fulfillment saga. */
import { bootService } from '@millrace/service-chassis/service';
import { settingsWith } from '../../../../apps/order/src/config.ts';
import { fulfillmentVersions } from '../../../../apps/order/src/fulfillment/versions.ts';
import { orderModule } from '../../../../apps/order/src/order.module.ts';
import { paidFirst } from './paid-first.saga.ts';

const sagas = [...fulfillmentVersions, paidFirst];

await bootService({
  name: 'order',
  settings: settingsWith(sagas),
  module: (config) => orderModule(config, sagas),
  logSubject: 'orderId',
});
