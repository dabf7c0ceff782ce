import { describe, expect, it } from '@jest/globals';
import { groupRecord, offsetRecord, readRecord } from './offsets-topic.ts';

const hex = (bytes: Buffer | null | undefined) => bytes?.toString('hex');
const place = { groupId: 'g', topic: 'orders', partition: 3 };
const committed = {
  offset: 42n,
  leaderEpoch: 7,
  metadata: 'note',
  committedAtMs: 1_700_000_000_000n,
  expiresAtMs: undefined,
};

const snapshot = {
  groupId: 'g',
  protocolType: 'consumer',
  generationId: 5,
  protocolName: 'range',
  leaderId: 'm',
  changedAtMs: 1_700_000_000_000,
  members: [
    {
      memberId: 'm',
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/h',
      rebalanceTimeoutMs: 60_000,
      sessionTimeoutMs: 10_000,
      subscription: Buffer.from([1]),
      assignment: Buffer.from([2, 3]),
    },
  ],
};

describe('a record of __consumer_offsets', () => {
  it('for an offset has key version 1 and value version 3, as Kafka writes it', () => {
    const record = offsetRecord(place, committed);

    expect(hex(record.key)).toBe(['0001', '000167', '00066f7264657273', '00000003'].join(''));
    expect(hex(record.value)).toBe(
      ['0003', '000000000000002a', '00000007', '00046e6f7465', '0000018bcfe56800'].join(''),
    );
  });

  it('for a group has key version 2 and value version 3, as Kafka writes it', () => {
    const record = groupRecord('g', snapshot);
    const head = [
      '0003',
      '0008636f6e73756d6572',
      '00000005',
      '000572616e6765',
      '00016d',
      '0000018bcfe56800',
      '00000001',
    ];
    const member = [
      '00016d',
      'ffff',
      '000163',
      '00022f68',
      '0000ea60',
      '00002710',
      '0000000101',
      '000000020203',
    ];

    expect(hex(record.key)).toBe('0002000167');
    expect(hex(record.value)).toBe([...head, ...member].join(''));
  });

  it('is read back as it was written, tombstones included', () => {
    for (const value of [committed, undefined]) {
      const record = offsetRecord(place, value);
      expect(readRecord(record.key!, record.value)).toEqual({ kind: 'offset', place, committed: value });
    }
    for (const value of [snapshot, undefined]) {
      const record = groupRecord('g', value);
      expect(readRecord(record.key!, record.value)).toEqual({ kind: 'group', groupId: 'g', snapshot: value });
    }
  });

  it("for an offset with a client's retention time has value version 1, as Kafka writes it", () => {
    const expiring = { ...committed, leaderEpoch: -1, expiresAtMs: 1_700_000_000_001n };
    const record = offsetRecord(place, expiring);

    expect(hex(record.value)).toBe(
      ['0001', '000000000000002a', '00046e6f7465', '0000018bcfe56800', '0000018bcfe56801'].join(''),
    );
    expect(readRecord(record.key!, record.value)).toEqual({ kind: 'offset', place, committed: expiring });
  });

  it('may have been written by an older Kafka version', () => {
    const value = Buffer.from(
      ['0001', '000000000000002a', '0000', '0000018bcfe56800', '0000018bcfe56801'].join(''),
      'hex',
    );
    expect(readRecord(offsetRecord(place, undefined).key!, value)).toMatchObject({
      committed: { offset: 42n, leaderEpoch: -1, metadata: '', committedAtMs: 1_700_000_000_000n },
    });
  });

  it('with an unknown kind of key is ignored', () => {
    expect(readRecord(Buffer.from([0, 3, 0, 1, 103]), null)).toBeUndefined();
  });
});
