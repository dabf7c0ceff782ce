import { kafkaTests } from '../../jest.preset.mjs';

/** Starts stacks of its own, whole ones. */
export default { ...kafkaTests('stack'), testTimeout: 180_000 };
