import { integrationTests } from '../../jest.preset.mjs';

/** These tests start whole stacks, so they get more time. */
export default {
  ...integrationTests('stack'),
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 120_000,
};
