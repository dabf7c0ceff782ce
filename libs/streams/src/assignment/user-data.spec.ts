import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { decodeMember, encodeMember, type StreamsMember } from './user-data.ts';
import type { TaskCopy } from './task-copies.ts';

const member: StreamsMember = {
  processId: 'one',
  startedAtMs: 5,
  copies: new Map([['0_1', { role: 'standby', lagRecords: 12 }]]),
};

describe('the data of a member', () => {
  it('is JSON of version 1, which later versions must read', () => {
    expect(String(encodeMember(member))).toBe(
      '{"version":1,"processId":"one","startedAtMs":5,' + '"tasks":{"0_1":{"role":"standby","lag":12}}}',
    );
  });

  it('can be read back', () => {
    const copies = fc.dictionary(
      fc.stringMatching(/^\d_\d$/),
      fc.record({ role: fc.constantFrom('active', 'standby', 'dormant'), lagRecords: fc.nat() }),
    ) as fc.Arbitrary<Record<string, TaskCopy>>;
    fc.assert(
      fc.property(fc.string(), copies, (processId, held) => {
        const sent = { ...member, processId, copies: new Map(Object.entries(held)) };

        expect(decodeMember(encodeMember(sent))).toEqual(sent);
      }),
    );
  });

  it('is unknown if any part of it is unknown', () => {
    const changed = (change: object) =>
      decodeMember(Buffer.from(JSON.stringify({ ...JSON.parse(String(encodeMember(member))), ...change })));

    expect(changed({})).toEqual(member);
    expect(changed({ version: 2 })).toBeUndefined();
    expect(changed({ processId: 1 })).toBeUndefined();
    expect(changed({ startedAtMs: -1 })).toBeUndefined();
    expect(changed({ tasks: [] })).toBeUndefined();
    expect(changed({ tasks: { zero: { role: 'active', lag: 0 } } })).toBeUndefined();
    expect(changed({ tasks: { '0_0': { role: 'other', lag: 0 } } })).toBeUndefined();
    expect(changed({ tasks: { '0_0': { role: 'active', lag: 0.5 } } })).toBeUndefined();
    expect(decodeMember(null)).toBeUndefined();
    expect(decodeMember(Buffer.from('range'))).toBeUndefined();
    expect(decodeMember(Buffer.from('[]'))).toBeUndefined();
  });
});
