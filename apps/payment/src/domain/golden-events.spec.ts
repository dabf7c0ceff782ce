import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { account } from './account.ts';
import { payment } from './payment.ts';
import { accountEventTypes, paymentEventTypes, returnRefundEventTypes } from './events.ts';
import { returnRefund } from './return-refund.ts';

describe('the events of released versions', () => {
  const types = { ...accountEventTypes, ...paymentEventTypes, ...returnRefundEventTypes };

  it('fold to the same states as when they were released', () => {
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), types, {
      account,
      payment,
      returnRefund,
    });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(types);
  });
});
