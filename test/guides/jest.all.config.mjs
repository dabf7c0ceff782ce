import { endToEndTests } from '../../jest.preset.mjs';

/** Every guide that does not bring brokers of its own. */
export default {
  ...endToEndTests('guides'),
  testPathIgnorePatterns: ['/node_modules/', '\\.kafka\\.spec\\.ts$'],
};
