import { redisTests } from '../../jest.preset.mjs';

export default redisTests('connect-worker');
