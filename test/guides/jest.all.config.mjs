import { endToEndTests } from '../../jest.preset.mjs';

/** Every guide that runs on the shared stack. */
export default {
  ...endToEndTests('guides'),
  testPathIgnorePatterns: ['/node_modules/', '\\.(kafka|redis)\\.spec\\.ts$'],
};
