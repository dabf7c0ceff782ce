import { longTests } from '../../jest.preset.mjs';

export default {
  ...longTests('containers'),
  displayName: 'containers:verify-helm',
  testMatch: ['<rootDir>/src/**/*.helm.spec.ts'],
};
