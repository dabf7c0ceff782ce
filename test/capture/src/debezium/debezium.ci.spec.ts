import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { compareStatements } from './same-statements.ts';
import { openTwoSides, type TwoSides } from './two-sides.ts';

describe('the same statements captured by Debezium and here', () => {
  let sides: TwoSides | undefined;
  beforeAll(async () => {
    sides = await openTwoSides();
  }, 420_000);
  afterAll(async () => sides?.[Symbol.asyncDispose](), 60_000);

  it('U08 become the same records, but for the fields of the list', async () => {
    const { topics } = await compareStatements(sides!, { seed, transactions: 150 });

    expect(topics.flatMap(({ differences }) => differences)).toEqual([]);
    expect(topics.map(({ topic }) => topic)).toEqual([
      'same.message',
      'same.public.account',
      'same.public.line',
      'same.public.mark',
      'same.public.value',
      'same.public.whole_account',
    ]);
    expect(topics.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(4_000);
  }, 400_000);
});
