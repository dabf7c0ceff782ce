import { endToEndTests } from '../../jest.preset.mjs';

/** One stack with a console, for all journeys. */
export default {
  ...endToEndTests('console-suite'),
  globalSetup: '<rootDir>/src/console-setup.ts',
};
