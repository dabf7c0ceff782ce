import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../errors/client-error.ts';
import { PendingSend } from './pending-send.ts';

const place = { topic: 'orders', partition: 2 };
const aborted = new ClientError('aborted', 'the call was aborted');

describe('the records of one call', () => {
  it('have the offsets of the batches that they are in', () => {
    const send = new PendingSend(3);
    send.written({ ...place, indexes: [0, 2], baseOffset: 7n });
    send.written({ ...place, partition: 5, indexes: [1], baseOffset: -1n });
    expect(send.outcome()).toEqual([
      { ...place, offset: 7n },
      { ...place, partition: 5, offset: -1n },
      { ...place, offset: 8n },
    ]);
  });

  it('settle once, although the broker answers for records that were already given up', () => {
    const send = new PendingSend(2);
    let settled = 0;
    send.onSettled = () => (settled += 1);
    send.written({ ...place, indexes: [0], baseOffset: 7n });
    expect(settled).toBe(0);
    send.fail(aborted);
    send.written({ ...place, indexes: [1], baseOffset: 8n });
    send.fail(new ClientError('aborted', 'again'));
    expect(settled).toBe(1);
    expect(send.errors).toEqual([aborted]);
    expect(() => send.outcome()).toThrow(aborted);
  });
});
