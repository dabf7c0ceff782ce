import { endToEndTests } from '../../jest.preset.mjs';

/** The guides that need a Redis server. They share one stack as well. */
export default {
  ...endToEndTests('guides'),
  displayName: 'guides:verify-redis',
  testMatch: ['<rootDir>/src/**/*.redis.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
