import { expect, it } from '@jest/globals';
import type { PartitionStatus } from '@millrace/streaming-core/consumer';
import { consumerHealth } from './consumer-health.ts';

const partition = (number: number, full: boolean): PartitionStatus => ({
  topic: 'notes',
  partition: number,
  state: 'open',
  parking: { keys: 1, messages: 3, full },
});

it('the health of a consumer says how much is parked and which partitions wait for room', () => {
  const status = () => [partition(0, true), partition(1, false)];

  expect(consumerHealth({ status, failure: undefined })).toMatchObject({
    works: true,
    details: { parkedKeys: 2, parkedMessages: 6, waitingForRoom: ['notes/0'] },
  });
});
