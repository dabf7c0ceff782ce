import type { SampleOrder } from '../sample-order.ts';

const customerId = 'ada';
const lines = [{ sku: 'lamp', quantity: 1 }];
const style = 'choreographed';

export const choreographedOrders: readonly SampleOrder[] = [
  {
    id: 'choreographed',
    name: 'Choreography',
    story:
      'The same flow without a saga: inventory, payment and shipping each react to the event of the one before, and ' +
      'nobody commands them.',
    customerId,
    lines,
    postcode: '10115',
    style,
  },
  {
    id: 'choreographed-refused',
    name: 'Choreography, undone',
    story:
      'Order hears that the shipment failed, and says once that the order has failed. Every service undoes its part ' +
      'on that event, and order cancels when all have answered.',
    customerId,
    lines,
    postcode: '00000',
    style,
  },
];
