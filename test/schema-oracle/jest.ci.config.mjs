import { longTests } from '../../jest.preset.mjs';

export default longTests('schema-oracle');
