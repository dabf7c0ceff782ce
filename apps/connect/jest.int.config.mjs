import { integrationTests } from '../../jest.preset.mjs';

/** Starts a broker of its own, and needs no database. */
export default {
  ...integrationTests('connect-worker'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
