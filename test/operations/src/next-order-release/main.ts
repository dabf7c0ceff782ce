/** A possible next release of the order service, with a second version of the fulfillment saga. */

import { bootService } from '@millrace/service-chassis/service';
import type { SagaDefinition } from '@millrace/saga';
import { settingsWith } from '../../../../apps/order/src/config.ts';
import { fulfillmentVersions, fulfillment } from '../../../../apps/order/src/fulfillment/fulfillment.saga.ts';
import { orderModule } from '../../../../apps/order/src/order.module.ts';

const isPayment = ({ name }: { readonly name: string }) => name === 'pay';

/** A version of the saga that takes the payment before it reserves stock. */
const paidFirst: SagaDefinition = {
  ...fulfillment,
  version: 2,
  steps: [...fulfillment.steps.filter(isPayment), ...fulfillment.steps.filter((step) => !isPayment(step))],
};

const sagas = [...fulfillmentVersions, paidFirst];

await bootService({
  name: 'order',
  settings: settingsWith(sagas),
  module: (config) => orderModule(config, sagas),
  logSubject: 'orderId',
});
