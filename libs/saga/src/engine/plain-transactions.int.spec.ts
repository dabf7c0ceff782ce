import { expect, it } from '@jest/globals';

// The suites below run once more while each statement is sent after the answer to the previous one.
process.env.MILLRACE_SQL_PIPELINING = 'off';

it('the driver sends BEGIN, statements and COMMIT one after the other', async () => {
  const { isPipelining } = await import('@millrace/streaming-core/postgres');
  expect(isPipelining).toBe(false);
});

await import('./saga-engine.int.spec.ts');
await import('./local-pivot.int.spec.ts');
