import { endToEndTests } from '../../jest.preset.mjs';

export default endToEndTests('e2e');
