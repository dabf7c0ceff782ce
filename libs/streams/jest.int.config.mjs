import { integrationTests } from '../../jest.preset.mjs';

/** Starts brokers of its own, and needs no database. */
export default {
  ...integrationTests('streams'),
  globalSetup: undefined,
  globalTeardown: undefined,
};
