export { startTestBroker, type TestBroker } from './test-broker.ts';
export { testEngine, type TestEngine } from './test-engine.ts';
