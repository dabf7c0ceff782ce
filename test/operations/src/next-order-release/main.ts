/** A possible next release of the order service, with a second version of the fulfillment saga. */

import { bootService } from '@millrace/service-chassis/service';
import type { SagaDefinition } from '@millrace/saga';
import { settingsWith } from '../../../../apps/order/src/config.ts';
import { fulfillmentVersions, fulfillment } from '../../../../apps/order/src/fulfillment/fulfillment.saga.ts';
import { orderModule } from '../../../../apps/order/src/order.module.ts';

const isPayment = (node: SagaDefinition['flow'][number]) => 'name' in node && node.name === 'pay';

/** A version of the saga that takes the payment before it reserves stock. */
const paidFirst: SagaDefinition = {
  ...fulfillment,
  version: fulfillment.version + 1,
  flow: [...fulfillment.flow.filter(isPayment), ...fulfillment.flow.filter((node) => !isPayment(node))],
};

const sagas = [...fulfillmentVersions, paidFirst];

await bootService({
  name: 'order',
  settings: settingsWith(sagas),
  module: (config) => orderModule(config, sagas),
  logSubject: 'orderId',
});
