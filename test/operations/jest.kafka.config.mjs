import { kafkaTests } from '../../jest.preset.mjs';

export default { ...kafkaTests('operations'), testTimeout: 300_000 };
