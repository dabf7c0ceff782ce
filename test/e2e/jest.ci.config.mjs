import { longTests } from '../../jest.preset.mjs';

/** Two stacks at a time: these tests mostly wait, and this is the longest suite of its stage. */
export default { ...longTests('e2e'), maxWorkers: 2 };
