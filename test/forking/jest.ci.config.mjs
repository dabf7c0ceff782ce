import { longTests } from '../../jest.preset.mjs';

/**
 * Each test starts a stack from its own copy of the workspace. Compilers take most of the time, so
 * two tests run at a time. A compiler that has half a slow core takes more than five minutes.
 */
export default { ...longTests('forking'), maxWorkers: 2, testTimeout: 900_000 };
