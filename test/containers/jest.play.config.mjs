import { containerTests } from '../../jest.preset.mjs';

export default {
  ...containerTests('containers'),
  displayName: 'containers:verify-play',
  testMatch: ['<rootDir>/src/**/*.play.spec.ts'],
};
