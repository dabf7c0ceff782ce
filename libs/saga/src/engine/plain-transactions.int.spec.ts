// The suites below run once more while each statement is sent after the answer to the previous one.
import './pipelining-off.fixture.ts';
import { expect, it } from '@jest/globals';
import { isPipelining } from '@millrace/streaming-core/postgres';
import './saga-engine.int.spec.ts';
import './local-pivot.int.spec.ts';

it('the driver sends BEGIN, statements and COMMIT one after the other', () => {
  expect(isPipelining).toBe(false);
});
