import { longTests } from '../../jest.preset.mjs';

/** One stack with a console, for all journeys. */
export default {
  ...longTests('console-suite'),
  globalSetup: '<rootDir>/src/console-setup.ts',
  globalTeardown: '<rootDir>/../../libs/testing/src/jest/global-teardown.ts',
};
