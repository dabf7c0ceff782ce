import type { Mutant } from './mutant.ts';

const events = 'libs/event-sourcing/src';
const consumer = 'libs/streaming-core/src/messaging/consumer';
const repeated = `${events}/repeat-answer.int.spec.ts`;
const copies = `${consumer}/duplicates.int.spec.ts`;

/** Faults in the answers to duplicate commands. */
export const answerMutants: readonly Mutant[] = [
  {
    name: 'a repeated answer has a new id',
    why: 'a consumer handles the same answer twice',
    file: `${events}/publish-events.ts`,
    replace: '`${id} ${name} ${number}`',
    by: '`${id} ${name} ${number} ${performance.now()}`',
    test: {
      file: repeated,
      name: 'publishes the first answer again with the same id, content, time, causation, correlation, saga, trace and version',
    },
  },
  {
    name: 'two messages of one event have the same id',
    why: 'every inbox drops the second message as a duplicate',
    file: `${events}/publish-events.ts`,
    replace: 'seen.set(name, number + 1);',
    by: 'seen.set(name, number);',
    test: {
      file: repeated,
      name: 'publishes the first answer again with the same id, content, time, causation, correlation, saga, trace and version',
    },
  },
  {
    name: 'answers to other commands are repeated',
    why: 'each duplicate of a command republishes its whole stream',
    file: `${events}/postgres/read-events.ts`,
    replace: 'metadata.causationId === messageId',
    by: 'metadata.causationId.length === messageId.length',
    test: { file: repeated, name: 'does not repeat the answers to other commands' },
  },
  {
    name: 'answers to other commands are repeated from a long stream',
    why: 'each duplicate of a command republishes its whole stream',
    file: `${events}/postgres/events.sql.ts`,
    replace: "AND event.metadata ->> 'causationId' = $2",
    by: 'AND $2::text IS NOT NULL',
    test: {
      file: repeated,
      name: 'searches from the time of the command on and reads no earlier events',
    },
  },
  {
    name: 'no tolerance for differing clocks',
    why: "a lost reply is not repeated when the participant's clock is behind the saga's",
    file: `${events}/postgres/read-events.ts`,
    replace: 'uuidV7TimeMs(messageId) - clockDifferenceMsMax',
    by: 'uuidV7TimeMs(messageId)',
    test: {
      file: repeated,
      name: 'finds an answer that was recorded by a host whose clock was half a minute behind',
    },
  },
  {
    name: 'every duplicate of a command is answered',
    why: 'a storm of duplicates causes a storm of replies',
    file: `${consumer}/commit-batches.ts`,
    replace: 'atMs - last.atMs < this.#limits.duplicateEveryMs',
    by: 'atMs - last.atMs < 0',
    test: { file: copies, name: 'reaches handleDuplicate once per interval, however many copies arrive' },
  },
  {
    name: 'a duplicate in a failed batch counts as answered',
    why: 'the saga re-sends its command and still gets no reply',
    file: `${consumer}/commit-batches.ts`,
    replace: 'last.record !== record && ',
    by: '',
    test: { file: copies, name: 'reaches handleDuplicate again when its batch failed' },
  },
  {
    name: 'a copy in the same batch as the first one is answered',
    why: 'a handler sees a duplicate before the first copy is committed',
    file: `${consumer}/commit-batches.ts`,
    replace: '!beingHandled.has(nameOf(copy)) && ',
    by: '',
    test: { file: copies, name: 'has no effect when its first copy is in the same batch' },
  },
];
