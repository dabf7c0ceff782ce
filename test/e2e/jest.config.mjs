import { endToEndTests } from '../../jest.preset.mjs';

/** Their stack has a console, which takes the traces. */
export default {
  ...endToEndTests('e2e'),
  globalSetup: '<rootDir>/src/traced-stack-setup.ts',
};
