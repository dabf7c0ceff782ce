import { containerTests } from '../../jest.preset.mjs';

export default containerTests('containers');
