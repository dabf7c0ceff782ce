import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenHistories } from '@millrace/saga/testing';
import { days, seconds } from '@millrace/streaming-core/runtime';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';
import { returnSaga } from './returns/return.saga.ts';

const returns = returnSaga({
  returnApprovalMs: days(3),
  returnParcelMs: days(14),
  returnInspectionMs: seconds(1),
});

describe('the sagas of released versions', () => {
  it('send the same commands as when they were released', () => {
    assertGoldenHistories(join(import.meta.dirname, '../golden-histories'), [
      ...fulfillmentVersions,
      returns,
    ]);
  });
});
