import { kafkaTests } from '../../jest.preset.mjs';

/** These tests need Java, but no server. */
export default kafkaTests('embedded-kafka');
