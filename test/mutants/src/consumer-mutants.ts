import type { Mutant } from './mutant.ts';

const consumer = 'libs/streaming-core/src/client/consumer';
const held = `${consumer}/managed/held-partitions.ts`;
const sessionSpec = `${consumer}/fetch-session.spec.ts`;
const heldSpec = `${consumer}/managed/held-partition.spec.ts`;

/** Faults in the consumer that keeps track of its offsets. */
export const consumerMutants: readonly Mutant[] = [
  {
    name: 'first record finishes its whole fetch answer',
    why: 'after a crash, the consumer skips records that it never handled',
    file: held,
    replace: 'isLast ? chunk.nextOffset : content.offset + 1n',
    by: 'chunk.nextOffset',
    test: {
      file: heldSpec,
      name: 'is finished up to the end of its fetch answer with the last record, and not only behind that record',
    },
  },
  {
    name: 'record in hand finished after a seek',
    why: 'an automatic commit undoes the seek of the application',
    file: held,
    replace: 'if (reading === this.#reading) this.#finished = upTo;',
    by: 'this.#finished = reading === undefined ? undefined : upTo;',
    test: { file: heldSpec, name: 'drops what was buffered, in hand or on its way when it is sought' },
  },
  {
    name: 'automatic commit behind an explicit one',
    why: 'records come again although the application has committed them',
    file: held,
    replace: 'this.#finished > this.committed',
    by: 'this.#finished !== this.committed',
    test: {
      file: heldSpec,
      name: 'needs no commit behind an offset that the application has committed, unless it is sought',
    },
  },
  {
    name: 'partition given up with a record in hand',
    why: 'every rebalance repeats the record that the application is handling',
    file: `${consumer}/managed/deliveries.ts`,
    replace: '    await pause(this.#clock, limitMs, empty.signal);\n',
    by: '',
    test: {
      file: `${consumer}/managed/deliveries.spec.ts`,
      name: 'drain a partition when the loop asks for more',
    },
  },
  {
    name: 'fetches beyond the buffer',
    why: 'a slow application runs out of memory',
    file: `${consumer}/managed/record-feed.ts`,
    replace: ' || partitions.bufferedBytes > maxBufferedBytes',
    by: '',
    test: {
      file: `${consumer}/managed/record-feed.spec.ts`,
      name: 'sends no fetch while more bytes are buffered than the limit',
    },
  },
  {
    name: 'loop that waits for records counted as overdue',
    why: 'a consumer of a quiet topic leaves its group again and again',
    file: `${consumer}/managed/loop-watch.ts`,
    replace: 'this.#handedAt = undefined;',
    by: '',
    test: {
      file: `${consumer}/managed/poll-interval.spec.ts`,
      name: 'never ends for a loop that waits for records',
    },
  },
  {
    name: 'partition that keeps its turn while more of it is buffered',
    why: 'a partition with a backlog keeps the records of all others waiting',
    file: `${consumer}/managed/held-partitions.ts`,
    replace: 'held.isWithinAnswer ? held',
    by: 'held.canDeliver ? held',
    test: {
      file: `${consumer}/managed/deliveries.spec.ts`,
      name: 'take all of a fetch answer from one partition before the next one',
    },
  },
  {
    name: 'fetch session continued although its last answer was lost',
    why: 'the broker reads from positions that the reader has left, or rejects every other fetch',
    file: `${consumer}/fetch-session.ts`,
    replace: 'this.#epoch = epochs.newSession;',
    by: 'this.#epoch = Math.max(this.#epoch, epochs.newSession);',
    test: { file: sessionSpec, name: 'begins again with every position if ' },
  },
  {
    name: 'former log of a recreated topic kept in the fetch session',
    why: 'every fetch is answered at once with an error, and the reader never waits',
    file: `${consumer}/fetch-session.ts`,
    replace: 'held.position.topicId !== position.topicId) forgotten',
    by: "held.position.topicId === '') forgotten",
    test: { file: sessionSpec, name: 'replaces the partitions of a topic that was recreated' },
  },
  {
    name: 'partition assigned before its owner has given it up',
    why: 'two members of a cooperative group handle the records of one partition',
    file: `${consumer}/cooperative-sticky-assignor.ts`,
    replace: 'claims.get(nameOf(at))?.has(memberId) ?? true;',
    by: 'claims.size >= 0 || memberId === nameOf(at);',
    test: {
      file: `${consumer}/cooperative-sticky-assignor.spec.ts`,
      name: 'withholds a partition that moves until its owner has given it up',
    },
  },
  {
    name: 'moving partitions revoked under the old generation',
    why: 'the last commit before a handover is rejected, and its records come again',
    file: `${consumer}/rebalance-callbacks.ts`,
    replace: '        this.#held = { ...assignment, partitions: before };\n',
    by: '',
    test: {
      file: `${consumer}/rebalance-callbacks.spec.ts`,
      name: 'revoke only what moves, by the new generation, and then name what was added',
    },
  },
];
