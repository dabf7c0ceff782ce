import { integrationTests } from '../../jest.preset.mjs';

/** Starts a broker of its own, and needs no database. */
export default {
  ...integrationTests('schema-registry'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
