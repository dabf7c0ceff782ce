export { startTestBroker, type TestBroker, type TestBrokerOptions } from './test-broker.ts';
export { testEngine, type TestEngine } from './test-engine.ts';
