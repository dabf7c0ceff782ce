import { choreographedOrders } from './choreography/scenarios.ts';
import type { SampleOrder } from './sample-order.ts';

const lamp = [{ sku: 'lamp', quantity: 1 }];
const berlin = '10115';

export const sampleOrders: readonly SampleOrder[] = [
  {
    id: 'completed',
    name: 'All goes well',
    story:
      'The saga reserves stock, takes the money and books the carrier. Then the order is complete: its pivot, from ' +
      'which nothing is undone.',
    customerId: 'ada',
    lines: lamp,
    postcode: berlin,
  },
  {
    id: 'declined',
    name: 'The card is declined',
    story: 'The second step fails for good. The saga compensates the first one: the stock is released.',
    customerId: 'bob',
    lines: lamp,
    postcode: berlin,
    card: 'tok_decline',
  },
  {
    id: 'out-of-stock',
    name: 'Out of stock',
    story: 'The first step is rejected. There is nothing to undo, so the order is cancelled at once.',
    customerId: 'ada',
    lines: [{ sku: 'vase', quantity: 3 }],
    postcode: berlin,
  },
  {
    id: 'refused',
    name: 'The carrier refuses',
    story:
      'The third step is rejected. The saga refunds the money and releases the stock, the last step first.',
    customerId: 'ada',
    lines: lamp,
    postcode: '00000',
  },
  {
    id: 'lost',
    name: 'The answer is lost',
    story:
      'The card is charged, but the answer does not come back. Payment asks the provider what became of the charge ' +
      'before it tries again, so the customer pays once.',
    customerId: 'bob',
    lines: lamp,
    postcode: berlin,
    card: 'tok_late',
  },
  {
    id: 'silent',
    name: 'The carrier is silent',
    story:
      'No reply comes. The saga sends the command again, and then gives the step up and undoes everything.',
    customerId: 'ada',
    lines: lamp,
    postcode: '99999',
  },
  {
    id: 'cancelled',
    name: 'The customer cancels',
    story: 'The cancellation comes before the pivot, so the saga compensates what it has done so far.',
    customerId: 'ada',
    lines: [{ sku: 'chair', quantity: 1 }],
    postcode: '99999',
    card: 'tok_slow',
    cancels: true,
  },
  {
    id: 'returned',
    name: 'One of two lamps comes back',
    story:
      'After the order, a second saga: it makes a label, waits for the parcel, and restocks and refunds side by side.',
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 2 }],
    postcode: berlin,
    returns: lamp,
  },
  ...choreographedOrders,
];
