import { delay, quickGroup } from '../client.fixture.ts';
import type { TransformerOptions } from './transformer.ts';

/**
 * Makes small polls that take a while, so that transactions are open when other members join and
 * leave.
 */
export const upperCasing = (output: string): Pick<TransformerOptions, 'member' | 'transform'> => ({
  member: { ...quickGroup, fetchMaxWaitMs: 50, fetchMaxBytesPerPartition: 2_048 },
  async transform(records) {
    await delay(100);
    return records.map(({ key, value }) => ({
      topic: output,
      key: String(key),
      value: String(value).toUpperCase(),
    }));
  },
});
