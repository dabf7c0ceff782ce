import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../../protocol/errors.ts';
import { checkPartitionsAdded, type PartitionLimit } from '../topic-changes.ts';

const limit: PartitionLimit = {
  partitionsMax: 20,
  reservedPartitions: new Map([
    ['__offsets', 5],
    ['__state', 3],
  ]),
};
const orders = { name: 'orders', partitions: 10 };
const offsets = { name: '__offsets', partitions: 5 };

const refusal = (added: typeof orders, topics: readonly (typeof orders)[]): string => {
  try {
    checkPartitionsAdded(added, topics, limit);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as ProtocolError).errorName).toBe('INVALID_PARTITIONS');
    return (error as ProtocolError).message;
  }
};

describe('the partition limit', () => {
  it('keeps room for reserved topics that do not exist yet', () => {
    expect(refusal({ name: 'payments', partitions: 2 }, [orders])).toBe('none');
    expect(refusal({ name: 'payments', partitions: 3 }, [orders])).toMatch(
      /^payments: 3 partitions on top of 10 exceed this broker's limit of 20, 8 of which are reserved for __offsets and __state: /,
    );
  });

  it('gives a reserved topic all the room that is left', () => {
    expect(refusal(offsets, [{ name: 'orders', partitions: 15 }])).toBe('none');
    expect(refusal(offsets, [{ name: 'orders', partitions: 16 }])).toMatch(
      /^__offsets: 5 partitions on top of 16 exceed this broker's limit of 20: use fewer, /,
    );
  });

  it('counts an existing reserved topic by its partitions', () => {
    const state = { name: '__state', partitions: 1 };
    expect(refusal({ name: 'payments', partitions: 4 }, [orders, offsets, state])).toBe('none');
    expect(refusal({ name: 'payments', partitions: 5 }, [orders, offsets, state])).toMatch(
      /^payments: 5 partitions on top of 16 exceed this broker's limit of 20: use fewer, /,
    );
  });

  it('applies to partitions that are added to a topic', () => {
    expect(refusal({ name: 'orders', partitions: 2 }, [orders])).toBe('none');
    expect(refusal({ name: 'orders', partitions: 3 }, [orders])).toMatch(
      /^orders: 3 partitions on top of 10/,
    );
  });
});
