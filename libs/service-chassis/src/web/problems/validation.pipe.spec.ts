import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ProblemError } from './problem.ts';
import { ValidationPipe } from './validation.pipe.ts';

const order = z.strictObject({
  customerId: z.string(),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.number().int().min(1) })),
});
const pipe = new ValidationPipe();

async function errorsOf(
  value: unknown,
  metadata: { type: 'body' | 'query' | 'param'; data?: string; schema?: z.ZodType },
) {
  const refusal: unknown = await pipe
    .transform(value, { schema: order, ...metadata })
    .catch((error: unknown) => error);
  return refusal instanceof ProblemError ? refusal.problem.errors : undefined;
}

describe('the validation of a request', () => {
  it("passes on the schema's output", async () => {
    const schema = z.object({ limit: z.coerce.number().default(50) });
    expect(await pipe.transform({ limit: '7' }, { type: 'query', schema })).toEqual({ limit: 7 });
    expect(await pipe.transform(undefined, { type: 'query', schema })).toEqual({ limit: 50 });
  });

  it('R04 names the field as in code', async () => {
    expect(
      await errorsOf({ customerId: 'ada', lines: [{ sku: 'lamp', quantity: 0 }] }, { type: 'body' }),
    ).toEqual([{ field: 'lines[0].quantity', message: expect.any(String) }]);
  });

  it('names each unknown field', async () => {
    expect(
      await errorsOf({ customerId: 'ada', lines: [], discount: 1, coupon: 2 }, { type: 'body' }),
    ).toEqual([
      { field: 'discount', message: 'is not a known field' },
      { field: 'coupon', message: 'is not a known field' },
    ]);
  });

  it('names the parameter of the path', async () => {
    expect(await errorsOf('nonsense', { type: 'param', data: 'id', schema: z.uuid() })).toEqual([
      { field: 'id', message: expect.any(String) },
    ]);
  });

  it.each([
    ['NUL', 'a\0b'],
    ['half of a surrogate pair', 'a\ud800'],
  ])('refuses text with %s, which the database cannot store', async (_what, customerId) => {
    expect(await errorsOf({ customerId, lines: [] }, { type: 'body' })).toEqual([
      { field: 'customerId', message: 'contains characters that cannot be stored' },
    ]);
  });
});
