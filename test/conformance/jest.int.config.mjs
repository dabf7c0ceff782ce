import { integrationTests } from '../../jest.preset.mjs';

/** Each test starts the broker that it needs. */
export default {
  ...integrationTests('conformance'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
