import { endToEndTests } from '../../jest.preset.mjs';

/** Each test has a stack of its own, of its copy of the workspace. */
export default { ...endToEndTests('forking'), globalSetup: undefined, globalTeardown: undefined, testTimeout: 300_000 };
