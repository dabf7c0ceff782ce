import { endToEndTests } from '../../jest.preset.mjs';

export default {
  ...endToEndTests('e2e'),
  globalSetup: '<rootDir>/../support/src/stack/stack-setup.ts',
};
