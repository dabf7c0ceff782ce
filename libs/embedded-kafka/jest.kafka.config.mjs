import { kafkaTests } from '../../jest.preset.mjs';

/** Need Java, and no server. */
export default kafkaTests('embedded-kafka');
