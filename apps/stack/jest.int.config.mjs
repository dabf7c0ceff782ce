import { integrationTests } from '../../jest.preset.mjs';

/** These tests start servers of their own. */
export default {
  ...integrationTests('stack'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
