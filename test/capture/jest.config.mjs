import { unitTests } from '../../jest.preset.mjs';

export default unitTests('capture');
