import { unitTests } from '../../jest.preset.mjs';

export default unitTests('service-chassis');
