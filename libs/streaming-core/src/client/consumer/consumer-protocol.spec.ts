import { describe, expect, it } from '@jest/globals';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';

const ownedPartitions = [
  { topic: 'orders', partition: 2 },
  { topic: 'orders', partition: 0 },
];

describe('the subscription of a group member', () => {
  it('is written in version 1 if it has only topics', () => {
    const bytes = encodeSubscription({ topics: ['orders'] });

    expect(bytes.toString('hex')).toBe(
      '0001' + '00000001' + '0006' + '6f7264657273' + 'ffffffff' + '00000000',
    );
  });

  it.each([
    [
      2,
      { topics: ['orders'], userData: Buffer.from('x'), ownedPartitions, generationId: 7, rackId: undefined },
    ],
    [3, { topics: ['orders'], userData: null, ownedPartitions, generationId: 7, rackId: 'zone-a' }],
  ])('is written in version %i with everything that a leader needs to be sticky', (version, subscription) => {
    const bytes = encodeSubscription(subscription);

    expect(bytes.readInt16BE()).toBe(version);
    expect(decodeSubscription(bytes)).toEqual(subscription);
  });

  it('is read in a version that is not known yet', () => {
    const bytes = encodeSubscription({ topics: ['orders'], rackId: 'zone-a' });
    bytes.writeInt16BE(4);

    expect(decodeSubscription(Buffer.concat([bytes, Buffer.from('more')]))).toMatchObject({
      rackId: 'zone-a',
    });
  });
});

describe('the assignment of a group member', () => {
  it('keeps its partitions and the data of the assignor', () => {
    const assignment = { partitions: ownedPartitions, userData: Buffer.from('x') };

    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment);
  });

  it('is empty without bytes', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], userData: null });
  });
});
