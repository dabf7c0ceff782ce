import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenHistories } from '@millrace/saga/testing';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';

describe('the sagas of released versions', () => {
  it('send the same commands as when they were released', () => {
    assertGoldenHistories(join(import.meta.dirname, '../golden-histories'), fulfillmentVersions);
  });
});
