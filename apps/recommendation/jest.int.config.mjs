import { integrationTests } from '../../jest.preset.mjs';

/** Starts a broker of its own, and needs no database. */
export default {
  ...integrationTests('recommendation'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
