import { expect, it } from '@jest/globals';
import { sampleSettings } from './sample-orders.ts';

it('the samples shorten the step timeout of the saga, unless the environment sets it', () => {
  expect(sampleSettings({})).toEqual({ SAGA_STEP_TIMEOUT_MS: '4000' });
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: ' ' })).toEqual({ SAGA_STEP_TIMEOUT_MS: '4000' });
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: '10000' })).toEqual({});
});
