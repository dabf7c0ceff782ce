import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenHistories, recordGoldenHistories } from '@millrace/saga/testing';
import { days, seconds } from '@millrace/streaming-core/runtime';
import { fulfillmentSamples } from './fulfillment/fulfillment.fixture.ts';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';
import { returnSaga } from './returns/return.saga.ts';

const returns = returnSaga({
  returnApprovalMs: days(3),
  returnParcelMs: days(14),
  returnInspectionMs: seconds(1),
});
const histories = join(import.meta.dirname, '../golden-histories');
const definitions = [...fulfillmentVersions, returns];

/** `npm run reference` records the histories of a new version from these. */
const samples = { fulfillment: fulfillmentSamples };

describe('the sagas of released versions', () => {
  it('send the same commands as when they were released', () => {
    if (process.env.MILLRACE_WRITE_REFERENCE === '1') recordGoldenHistories(histories, definitions, samples);
    assertGoldenHistories(histories, definitions);
  });
});
