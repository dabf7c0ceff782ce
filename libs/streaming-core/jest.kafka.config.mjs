import { kafkaTests } from '../../jest.preset.mjs';

/** Start brokers of their own. */
export default { ...kafkaTests('streaming-core'), globalSetup: undefined, globalTeardown: undefined };
