import type { SagaDefinition } from '@millrace/saga';
import { fulfillment } from '../../../../apps/order/src/fulfillment/fulfillment.saga.ts';

const isPayment = ({ name }: { readonly name: string }) => name === 'pay';

/** A version of the saga that takes the payment before it reserves stock. */
export const paidFirst: SagaDefinition = {
  ...fulfillment,
  version: 2,
  steps: [...fulfillment.steps.filter(isPayment), ...fulfillment.steps.filter((step) => !isPayment(step))],
};
