import { longTests } from '../../jest.preset.mjs';

/**
 * Each test starts a stack from its own copy of the workspace. Compilers take most of the time, so
 * two tests run at a time.
 */
export default { ...longTests('forking'), maxWorkers: 2 };
