import { kafkaTests } from '../../jest.preset.mjs';

/** These tests start whole stacks. */
export default { ...kafkaTests('stack'), testTimeout: 180_000 };
