import { integrationTests } from '../../jest.preset.mjs';

/** Starts stacks of its own, whole ones, so they get time. */
export default {
  ...integrationTests('stack'),
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 120_000,
};
