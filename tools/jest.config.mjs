import { unitTests } from '../jest.preset.mjs';

/** A generator formats dozens of files, which takes more than 20 s on a machine that does much else. */
export default { ...unitTests('tools'), testMatch: ['<rootDir>/**/*.spec.ts'], testTimeout: 60_000 };
