import { afterAll, beforeAll, describe } from '@jest/globals';
import { brokerFixture, type BrokerFixture } from './broker-fixture.features.ts';
import { transactionsSuite } from './transactions.features.ts';

describe('transactions on the embedded broker', () => {
  let fixture: BrokerFixture;
  beforeAll(async () => {
    fixture = await brokerFixture();
  });
  afterAll(() => fixture.stop());
  transactionsSuite(() => fixture.client());
});
