import { longTests } from '../../jest.preset.mjs';

/**
 * Each test starts a stack from its own copy of the workspace. Compilers take most of the time, and the
 * tutorial waits for a minute, so three tests run at a time. A compiler that has a part of a slow core
 * takes more than five minutes.
 */
export default { ...longTests('forking'), maxWorkers: 3, testTimeout: 900_000 };
