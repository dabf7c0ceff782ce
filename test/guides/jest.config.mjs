import { endToEndTests } from '../../jest.preset.mjs';

export default {
  ...endToEndTests('guides'),
  globalSetup: '<rootDir>/../support/src/stack/stack-setup.ts',
};
