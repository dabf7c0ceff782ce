import { endToEndTests } from '../../jest.preset.mjs';

/**
 * The slowest guides: kills, thousands of payments, a read side that is down. They share one stack
 * as well.
 */
export default {
  ...endToEndTests('guides'),
  displayName: 'guides:test-ci',
  testMatch: ['<rootDir>/src/**/*.ci.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
