import { documentTests } from '../../jest.preset.mjs';

export default documentTests('forking');
