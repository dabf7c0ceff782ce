import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/http';
import { streamStore } from '@millrace/service-chassis/streams';
import { systemClock } from '@millrace/streaming-core/runtime';
import { days, type ReadOnlyKeyValueStore } from '@millrace/streams';
import { z } from 'zod';
import type { Figures } from './domain/figures.ts';
import { summaryOf, topProducts, type Days } from './summary.ts';
import { applicationId, figuresByDay, quantities } from './topology.ts';

const count = z.number().int().min(0);
const day = z.iso.date().describe('A day in UTC, such as 2026-01-31');
const figures = {
  placed: count,
  completed: count,
  cancelled: z.record(z.string(), count).describe('By reason'),
  revenue: z.record(z.string(), count).describe('Of the completed orders, by currency, in its smallest unit'),
};
const summaryView = z.object({
  ...figures,
  conversion: z
    .number()
    .nullable()
    .describe('The share of the orders that were completed; null without orders'),
  days: z.array(z.object({ day, ...figures })).describe('Days without an order are left out'),
});
const productsView = z.object({ items: z.array(z.object({ sku: z.string(), quantity: count })) });

const range = {
  from: day.optional().describe('The first day; the default is 30 days ago'),
  to: day.optional().describe('The last day; the default is today'),
};
const summaryQuery = z.strictObject(range);
const productsQuery = z.strictObject({
  ...range,
  limit: z.coerce.number().int().min(1).max(100).default(10),
});

const ofThisProcess =
  'An order counts on the day on which it was placed. The answer covers only this process: if several run, ask each of ' +
  'them.';

@Controller('analytics')
export class AnalyticsController {
  constructor(
    @Inject(streamStore(applicationId, figuresByDay))
    private readonly figures: ReadOnlyKeyValueStore<string, Figures>,
    @Inject(streamStore(applicationId, quantities))
    private readonly quantities: ReadOnlyKeyValueStore<string, number>,
  ) {}

  @Get('summary')
  @Describe({
    summary: 'Get the orders of a range of days: outcomes, revenue and conversion',
    description: ofThisProcess,
    answers: { 200: summaryView },
  })
  summary(@Query({ schema: summaryQuery }) query: z.infer<typeof summaryQuery>): z.infer<typeof summaryView> {
    const { days: perDay, ...sum } = summaryOf(this.figures, daysOf(query));
    return { ...sum, days: [...perDay] };
  }

  @Get('products')
  @Describe({
    summary: 'Get the products that were ordered most in a range of days',
    description: ofThisProcess,
    answers: { 200: productsView },
  })
  products(
    @Query({ schema: productsQuery }) { limit, ...query }: z.infer<typeof productsQuery>,
  ): z.infer<typeof productsView> {
    return { items: [...topProducts(this.quantities, daysOf(query), limit)] };
  }
}

function daysOf({ from, to }: Partial<Days>): Days {
  const dayAt = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
  const now = systemClock.now();
  return { from: from ?? dayAt(now - days(30)), to: to ?? dayAt(now) };
}
