import type { Mutant } from './mutant.ts';

const events = 'libs/event-sourcing/src';
const engine = 'libs/saga/src/engine';
const consumer = 'libs/streaming-core/src/messaging/consumer';
const repeated = `${events}/repeat-answer.int.spec.ts`;
const copies = `${consumer}/duplicates.int.spec.ts`;

/** Faults in the answers to duplicate commands, and in the choice of the saga that takes an answer. */
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
  {
    name: 'the named saga is ignored by the locks of a reply',
    why: 'a reply waits for the locks of every saga of its order',
    file: `${engine}/definitions.ts`,
    replace:
      'saga === undefined ? names : names.filter((name) => name === saga || listeners.includes(name));',
    by: 'names;',
    test: {
      file: `${engine}/two-sagas.int.spec.ts`,
      name: 'lock only the stream of the saga that a reply names',
    },
  },
  {
    name: 'the named saga keeps a message from the sagas that it starts or cancels',
    why: 'an order that one saga completes never starts the other',
    file: `${engine}/definitions.ts`,
    replace: 'name === saga || listeners.includes(name)',
    by: 'name === saga',
    test: {
      file: `${engine}/two-sagas.int.spec.ts`,
      name: 'both start and are both cancelled by a message, whichever saga it names',
    },
  },
  {
    name: 'the named saga is not looked up if other sagas react to the reply',
    why: 'a process of an earlier release loses the replies of a saga that it does not know',
    file: `${engine}/handlers.ts`,
    replace: '!names.includes(saga) && !processes.has(saga)',
    by: "saga === ''",
    test: {
      file: `${engine}/two-sagas.int.spec.ts`,
      name: 'block a process that takes such replies for one of them, if the reply is',
    },
  },
  {
    name: 'the named saga of an answer is that of the message being handled',
    why: 'the saga that waits for the answer never gets it',
    file: `${events}/recorder.ts`,
    replace: 'const asking = caused?.metadata.saga;',
    by: 'const asking = caused === undefined ? saga : saga;',
    test: {
      file: `${events}/decide-across.int.spec.ts`,
      name: 'answers an earlier command in the name of the saga that sent it',
    },
  },
];
