import { kafkaTests } from '../../jest.preset.mjs';

/** Starts stacks of its own, whole ones, on brokers of their own. */
export default { ...kafkaTests('stack'), globalSetup: undefined, globalTeardown: undefined, testTimeout: 180_000 };
