import { unitTests } from '../../jest.preset.mjs';

const { testPathIgnorePatterns, ...unit } = unitTests('containers');

export default {
  ...unit,
  testPathIgnorePatterns: [...testPathIgnorePatterns, '\\.(ci|helm|play)\\.spec\\.ts$'],
};
