import { unitTests } from '../../jest.preset.mjs';

/** The timeout is long because each file first copies the workspace. */
export default { ...unitTests('forking'), testTimeout: 120_000 };
