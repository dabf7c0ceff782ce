import { integrationTests } from '../../jest.preset.mjs';

/** Starts servers of its own. */
export default {
  ...integrationTests('embedded-postgres'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
