import { documentTests } from '../../jest.preset.mjs';

export default documentTests('e2e');
