import { describe, expect, it } from '@jest/globals';
import { fields } from '@millrace/contracts';
import { bought } from './books.fixture.ts';
import { wrongEnds } from './check-services.ts';

describe('the reason of a cancelled order', () => {
  it.each(fields.reason.options)('may be %s, as the contracts say', (reason) => {
    expect(wrongEnds([{ ...bought, status: 'cancelled', reason }])).toEqual([]);
  });

  it.each(['nobody_knows', null])('may not be %s', (reason) => {
    expect(wrongEnds([bought, { ...bought, orderId: 'o2', status: 'cancelled', reason }])).toEqual([
      { kind: 'wrong_end', subject: 'order o2', detail: `it was cancelled with the reason ${reason}` },
    ]);
  });
});
