import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { differencesFromMigrations } from '@millrace/testing/entities';
import { OrderOverview } from './projections/order-overview.ts';
import { OrderSummary } from './projections/order-summary.ts';
import { ProductPrice } from './projections/price-list.ts';

const folders = ['migrations', 'migrations/read'].map((name) => join(import.meta.dirname, name));

it('declares every table as the migrations create it', async () => {
  expect(await differencesFromMigrations([OrderOverview, OrderSummary, ProductPrice], folders)).toEqual([]);
});
