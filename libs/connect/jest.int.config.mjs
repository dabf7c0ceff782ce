import { integrationTests } from '../../jest.preset.mjs';

export default integrationTests('connect');
