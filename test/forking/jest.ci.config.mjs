import { longTests } from '../../jest.preset.mjs';

/** Each test has a stack of its own, of its copy of the workspace. */
export default longTests('forking');
