import { sharedKafkaTests } from '../../jest.preset.mjs';

/** Runs the tests of the commands about the log on Apache Kafka as well. */
export default {
  ...sharedKafkaTests('cli'),
  testMatch: ['topics', 'messages', 'groups'].map((folder) => `<rootDir>/src/${folder}/*.int.spec.ts`),
};
