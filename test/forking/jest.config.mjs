import { unitTests } from '../../jest.preset.mjs';

/** Each file copies the workspace first. */
export default { ...unitTests('forking'), testTimeout: 120_000 };
