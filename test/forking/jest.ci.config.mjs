import { longTests } from '../../jest.preset.mjs';

/** Each test starts a stack from its own copy of the workspace. */
export default longTests('forking');
