import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { differencesFromMigrations } from '@millrace/testing/entities';
import { OrderOverview } from './order-overview.entity.ts';
import { OrderSummary } from './order-summary.entity.ts';
import { ProductPrice } from './product-price.projection.ts';

const folders = ['../migrations', '../migrations/read'].map((name) => join(import.meta.dirname, name));

it('declares every table as the migrations create it', async () => {
  expect(await differencesFromMigrations([OrderOverview, OrderSummary, ProductPrice], folders)).toEqual([]);
});
