import { endToEndTests } from '../../jest.preset.mjs';

/** The guides that take longest: kills, a thousand payments, a read side that is away. They share one stack, too. */
export default {
  ...endToEndTests('guides'),
  displayName: 'guides:test-ci',
  testMatch: ['<rootDir>/src/**/*.ci.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
