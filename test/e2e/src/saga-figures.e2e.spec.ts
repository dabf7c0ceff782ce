import { afterAll, describe, expect, it } from '@jest/globals';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

/** The value of one time series of the order service, or 0 when there is none. */
async function figure(series: string): Promise<number> {
  const text = await (await fetch(`${stack.urls.order}/metrics`)).text();
  const [name = '', ...labels] = series.split(/[{,}]/).filter((part) => part !== '');
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`${name}{`) && labels.every((label) => one.includes(label)));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const started = 'millrace_sagas_started_total{definition="fulfillment"}';
const ended = (outcome: string) =>
  `millrace_saga_duration_seconds_count{definition="fulfillment",outcome="${outcome}"}`;

describe('the metrics of sagas', () => {
  it('count each saga when it begins, and by its outcome when it ends', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const before = await Promise.all([started, ended('completed'), ended('compensated')].map(figure));

    const delivered = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    const refused = await shop.place({ customer: 'ada', lines: { lamp: 1 }, postcode: '00000' });
    await Promise.all([delivered.endsAs('completed'), refused.endsAs('cancelled', 'address_refused')]);

    // "At least", since a saga of another test may end late: each saga ends after its order.
    await until('both sagas to be counted', 30_000, async () => {
      const after = await Promise.all([started, ended('completed'), ended('compensated')].map(figure));
      return after.every((count, index) => count >= (before[index] ?? 0) + (index === 0 ? 2 : 1));
    });
    expect(await figure('millrace_watch_up{watch="sagas"}')).toBe(1);
  });
});
