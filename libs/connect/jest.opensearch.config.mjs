import { longTests } from '../../jest.preset.mjs';

export default {
  ...longTests('connect'),
  displayName: 'connect:verify-opensearch',
  testMatch: ['<rootDir>/src/**/*.opensearch.spec.ts'],
};
