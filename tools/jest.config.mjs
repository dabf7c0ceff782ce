import { unitTests } from '../jest.preset.mjs';

export default { ...unitTests('tools'), testMatch: ['<rootDir>/**/*.spec.ts'] };
