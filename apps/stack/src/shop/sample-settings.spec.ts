import { expect, it } from '@jest/globals';
import { sampleSettings } from './sample-orders.ts';

it('the samples shorten how long an order may take, unless the environment says it', () => {
  const shortened = { SAGA_STEP_TIMEOUT_MS: '4000', ORDER_DEADLINE_MS: '12000' };
  expect(sampleSettings({})).toEqual(shortened);
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: ' ' })).toEqual(shortened);
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: '10000' })).toEqual({ ORDER_DEADLINE_MS: '12000' });
});
