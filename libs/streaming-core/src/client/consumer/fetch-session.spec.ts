import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import { FetchSession, nextEpoch, type SessionRequest } from './fetch-session.ts';

const at = (partition: number, offset: bigint, topicId = 'one') => ({
  topic: 'orders',
  partition,
  offset,
  topicId,
});
const answerOf = (sessionId: number, errorCode = errorCodes.NONE as number) => ({ sessionId, errorCode });
const sent = ({ sessionId, sessionEpoch, named, forgotten }: SessionRequest) => ({
  session: [sessionId, sessionEpoch],
  named: named.map(({ partition, offset }) => [partition, offset]),
  forgotten: forgotten.map(({ partition, topicId }) => [partition, topicId]),
});

/** A session with the id 7, in which two partitions are at offset 0. */
function begun(): FetchSession {
  const session = new FetchSession();
  for (const id of [0, 7]) {
    session.request([at(0, 0n), at(1, 0n)]);
    session.answered(answerOf(id));
  }
  return session;
}

describe('Q11 a fetch session', () => {
  it('is requested by the second fetch', () => {
    const session = new FetchSession();
    expect(sent(session.request([at(0, 0n)])).session).toEqual([0, -1]);
    session.answered(answerOf(0));
    expect(sent(session.request([at(0, 5n)]))).toEqual({ session: [0, 0], named: [[0, 5n]], forgotten: [] });
    session.answered(answerOf(7));
    expect(session.isBegun).toBe(true);
  });

  it('names the positions that have changed or are new, and forgets those that are no longer read', () => {
    const session = begun();
    expect(sent(session.request([at(0, 0n), at(1, 0n)]))).toEqual({
      session: [7, 1],
      named: [],
      forgotten: [],
    });
    session.answered(answerOf(7));
    expect(sent(session.request([at(1, 4n), at(2, 0n)]))).toEqual({
      session: [7, 2],
      named: [
        [1, 4n],
        [2, 0n],
      ],
      forgotten: [[0, 'one']],
    });
  });

  it('replaces the partitions of a topic that was recreated', () => {
    const session = begun();
    expect(sent(session.request([at(0, 0n, 'two'), at(1, 0n)]))).toEqual({
      session: [7, 1],
      named: [[0, 0n]],
      forgotten: [[0, 'one']],
    });
  });

  it.each<readonly [string, readonly [number, number], (session: FetchSession) => void]>([
    ['the answer to a request is lost', [7, 0], (session) => session.restart()],
    [
      'the broker expects another epoch',
      [7, 0],
      (session) => session.answered(answerOf(0, errorCodes.INVALID_FETCH_SESSION_EPOCH)),
    ],
    [
      'the broker does not know it',
      [0, 0],
      (session) => session.answered(answerOf(0, errorCodes.FETCH_SESSION_ID_NOT_FOUND)),
    ],
    ['the broker ends it', [0, 0], (session) => session.answered(answerOf(0))],
  ])('begins again with every position if %s', (_what, next, happen) => {
    const session = begun();
    session.request([at(0, 0n), at(1, 0n)]);
    happen(session);

    expect(session.isBegun).toBe(false);
    expect(sent(session.request([at(0, 0n), at(1, 3n)]))).toEqual({
      session: next,
      named: [
        [0, 0n],
        [1, 3n],
      ],
      forgotten: [],
    });
    session.answered(answerOf(8));
    expect(sent(session.request([at(0, 0n), at(1, 3n)])).session).toEqual([8, 1]);
  });

  it('knows the last ends of each partition that it holds', () => {
    const session = begun();
    const { topic } = at(0, 0n);
    session.remember([{ topic, partition: 1, nextOffset: 0n, highWatermark: 12n, lastStableOffset: 7n }]);
    session.request([at(1, 0n)]);

    expect(session.endsOf(at(1, 0n))).toEqual({ highWatermark: 12n, lastStableOffset: 7n });
    expect(session.endsOf(at(0, 0n))).toEqual({ highWatermark: -1n });
  });

  it('counts its epochs from 1 again after the largest', () => {
    expect([1, 2_147_483_647].map(nextEpoch)).toEqual([2, 1]);
  });
});
