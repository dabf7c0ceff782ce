import { sharedKafkaTests } from '../../jest.preset.mjs';

export default sharedKafkaTests('service-chassis');
