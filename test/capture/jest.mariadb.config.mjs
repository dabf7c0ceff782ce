import { longTests } from '../../jest.preset.mjs';

export default {
  ...longTests('capture'),
  displayName: 'capture:verify-mariadb',
  testMatch: ['<rootDir>/src/**/*.mariadb.spec.ts'],
};
