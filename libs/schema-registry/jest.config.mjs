import { unitTests } from '../../jest.preset.mjs';

export default unitTests('schema-registry');
