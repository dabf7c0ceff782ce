import '../../tools/typescript/register.mjs'; // the global setup loads classes with decorators
import { endToEndTests } from '../../jest.preset.mjs';

/** Their stack has a console, which takes the traces. */
export default {
  ...endToEndTests('e2e'),
  globalSetup: '<rootDir>/src/traced-stack-setup.ts',
};
