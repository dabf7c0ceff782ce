export { type TestDriverOptions, TopologyTestDriver } from './testing/topology-test-driver.ts';
export { type TestInputTopic, type TestOutputTopic, type TestRecord } from './testing/test-topics.ts';
