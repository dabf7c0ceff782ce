import { kafkaTests } from '../../jest.preset.mjs';

export default kafkaTests('connect');
