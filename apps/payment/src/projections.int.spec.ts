import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { differencesFromMigrations } from '@millrace/testing/entities';
import { AccountSummary, PaymentSummary, ReturnRefundSummary } from './projections.ts';

const folders = [join(import.meta.dirname, 'migrations')];

it('declares every table as the migrations create it', async () => {
  expect(
    await differencesFromMigrations([AccountSummary, PaymentSummary, ReturnRefundSummary], folders),
  ).toEqual([]);
});
