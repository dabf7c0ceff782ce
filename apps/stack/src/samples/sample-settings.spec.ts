import { expect, it } from '@jest/globals';
import { sampleSettings } from './sample-settings.ts';

it('the samples make the saga impatient, unless the environment says how patient it is', () => {
  expect(sampleSettings({})).toEqual({ SAGA_STEP_TIMEOUT_MS: '4000' });
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: ' ' })).toEqual({ SAGA_STEP_TIMEOUT_MS: '4000' });
  expect(sampleSettings({ SAGA_STEP_TIMEOUT_MS: '10000' })).toEqual({});
});
