import type { Mutant } from './mutant.ts';

const consumer = 'libs/streaming-core/src/messaging/consumer';

/** Faults on the way from the log to the effect, and from the outbox to the log. */
export const messageMutants: readonly Mutant[] = [
  {
    name: 'inbox check removed',
    why: 'a message that is published twice takes effect twice',
    file: `${consumer}/open-batch.ts`,
    replace: 'return new Set(messages.filter((message) => fresh.delete(nameOf(message))));',
    by: 'return new Set(messages);',
    test: {
      file: `${consumer}/assignment-fence.int.spec.ts`,
      name: 'gives a message on two partitions one effect',
    },
  },
  {
    name: 'copies within a batch are not recognized',
    why: 'a message that comes twice in one batch takes effect twice',
    file: `${consumer}/open-batch.ts`,
    replace: 'fresh.delete(nameOf(message))',
    by: 'fresh.has(nameOf(message))',
    test: {
      file: `${consumer}/message-once.int.spec.ts`,
      name: 'is new only once among copies within a batch',
    },
  },
  {
    name: 'blocked partition treated as a failed message',
    why: 'a message that only another process can handle becomes a dead letter',
    file: `${consumer}/consumer-error.ts`,
    replace: 'return blocks(cause) || sqlState',
    by: 'return sqlState',
    test: {
      file: `${consumer}/blocked-partition.int.spec.ts`,
      name: 'is retried without limit, has no effect meanwhile and produces no dead letter',
    },
  },
  {
    name: 'message skipped without waiting for its guard',
    why: 'an earlier release skips messages that only the next one handles',
    file: `${consumer}/commit-batches.ts`,
    replace: '  await guarding;',
    by: '  void guarding;',
    test: {
      file: `${consumer}/blocked-partition.int.spec.ts`,
      name: 'skips neither that message nor the rest of its batch while a guard forbids it',
    },
  },
  {
    name: 'failed guard treated as a failed message',
    why: 'a message without a handler becomes a dead letter because the database was down',
    file: `${consumer}/commit-batches.ts`,
    replace: '  await guarding;\n',
    by: "  enter('locks');\n  await guarding;\n",
    test: {
      file: `${consumer}/blocked-partition.int.spec.ts`,
      name: 'produces no dead letter when the guard %s',
    },
  },
  {
    name: 'offset committed before the effect',
    why: 'a consumer that dies between commit and effect never handles its messages',
    file: `${consumer}/commit-batches.ts`,
    replace: 'const opening = openBatch(\n    transaction,',
    by: 'const opening = openBatch(\n    environment.database,',
    test: {
      file: `${consumer}/assignment-fence.int.spec.ts`,
      name: 'makes a successor wait for the open batch',
    },
  },
  {
    name: 'fence skipped',
    why: 'a former owner that stalled handles messages beside the new one',
    file: `${consumer}/open-batch.ts`,
    replace: ' AND assignment_epoch = wanted.epoch',
    by: '',
    test: {
      file: `${consumer}/assignment-fence.int.spec.ts`,
      name: 'rejects an old owner that comes after its successor',
    },
  },
  {
    name: 'epoch not raised on a takeover',
    why: 'the fence cannot distinguish owners',
    file: `${consumer}/offset-store.ts`,
    replace: 'DO UPDATE SET assignment_epoch = consumer_offset.assignment_epoch + 1, topic = excluded.topic',
    by: 'DO UPDATE SET topic = excluded.topic',
    test: {
      file: `${consumer}/assignment-fence.int.spec.ts`,
      name: 'gives different epochs to two processes',
    },
  },
  {
    name: "owner's other transactions not fenced",
    why: 'a former owner fires timers that it no longer owns',
    file: `${consumer}/offset-store.ts`,
    replace: 'AND assignment_epoch = $5\n  FOR NO KEY UPDATE',
    by: 'AND $5::bigint IS NOT NULL\n  FOR NO KEY UPDATE',
    test: {
      file: `${consumer}/assignment-fence.int.spec.ts`,
      name: 'rejects an old owner that does work other',
    },
  },
  {
    name: 'offset rows of a batch in any order',
    why: 'two transactions with partitions in common deadlock',
    file: `${consumer}/open-batch.ts`,
    replace: 'ORDER BY topic_id, partition\n',
    by: 'ORDER BY topic_id, partition DESC\n',
    test: { file: `${consumer}/assignment-fence.int.spec.ts`, name: 'locks partitions in a fixed order' },
  },
  {
    name: 'inbox rows in any order',
    why: 'two transactions with messages in common deadlock',
    file: `${consumer}/open-batch.ts`,
    replace: 'ORDER BY message.id, message.source COLLATE "C"',
    by: 'ORDER BY message.id DESC, message.source COLLATE "C"',
    test: { file: `${consumer}/message-once.int.spec.ts`, name: 'is inserted in a fixed order' },
  },
  {
    name: 'dead letter without advancing',
    why: 'the same message becomes a dead letter again and again, and its partition is blocked',
    file: `${consumer}/partition-worker.ts`,
    replace: "to,\n        items: [{ kind: 'dead'",
    by: "to: buffer.position,\n        items: [{ kind: 'dead'",
    test: {
      file: `${consumer}/message-failures.int.spec.ts`,
      name: 'turns a message into a dead letter after a TerminalError, without another attempt',
    },
  },
  {
    name: 'later message of a parked key handled first',
    why: 'an order is paid before it is created, because its creation failed once',
    file: `${consumer}/parking.ts`,
    replace: "if (kind !== 'handle' || this.keys.messagesOf(digest) === 0) return true;",
    by: "if (kind !== 'handle' || this.keys.messagesOf(digest) < Infinity) return true;",
    test: {
      file: `${consumer}/parking.int.spec.ts`,
      name: 'is parked, so that its later messages wait in order',
    },
  },
  {
    name: 'new owner starts without the parked keys',
    why: 'later messages of parked keys are handled first after every restart',
    file: `${consumer}/partition.ts`,
    replace: 'const parkedKeys = await loadParkedKeys(database, row);',
    by: 'const parkedKeys = (await loadParkedKeys(database, row)).slice(0, 0);',
    test: {
      file: `${consumer}/parked-ownership.int.spec.ts`,
      name: 'are known to a new owner before its first batch',
    },
  },
  {
    name: 'parked keys forgotten after a lost answer to COMMIT',
    why: 'later messages of parked keys are handled first after a database failover',
    file: `${consumer}/partition-worker.ts`,
    replace: 'if (this.#parkingUncertain) await this.#parking.reload();',
    by: 'void this.#parkingUncertain;',
    test: {
      file: `${consumer}/parked-ownership.int.spec.ts`,
      name: 'are remembered even if the answer to the commit that parked them was lost',
    },
  },
  {
    name: 'parked message handled without the epoch',
    why: 'a former owner that stalled handles parked messages beside the new one',
    file: `${consumer}/open-batch.ts`,
    replace: ' AND assignment_epoch = wanted.epoch',
    by: '',
    test: {
      file: `${consumer}/parked-ownership.int.spec.ts`,
      name: 'cannot be handled by a fenced owner',
    },
  },
  {
    name: 'parked messages changed outside the transaction that handles them',
    why: 'a parked message that fails once more is lost',
    file: `${consumer}/commit-batches.ts`,
    replace: 'await writeParking(transaction, batches',
    by: 'await writeParking(environment.database, batches',
    test: {
      file: `${consumer}/parking.int.spec.ts`,
      name: 'is retried with growing pauses and counts its attempts across restarts',
    },
  },
  {
    name: 'attempts at a parked message not counted',
    why: 'a message that always fails is retried forever with the shortest pause',
    file: `${consumer}/parked-store.ts`,
    replace: 'SET retries = retries + 1, retry_at',
    by: 'SET retries = retries, retry_at',
    test: {
      file: `${consumer}/parking.int.spec.ts`,
      name: 'is retried with growing pauses and counts its attempts across restarts',
    },
  },
  {
    name: 'message parked without a check of the limits',
    why: 'a bug that fails every message fills the database with parked messages',
    file: `${consumer}/parked-store.ts`,
    replace: 'throw new ParkingFullError(',
    by: 'void new ParkingFullError(',
    test: {
      file: `${consumer}/parking-limits.int.spec.ts`,
      name: 'waits at the limit of bytes and retries the failed message',
    },
  },
  {
    name: 'room reported while the message is retried in place',
    why: 'the log says that the partition has found room while its message still fails',
    file: `${consumer}/partition-worker.ts`,
    replace: "if (verdict.kind !== 'again') {\n      this.#foundRoom();",
    by: "this.#foundRoom();\n    if (verdict.kind !== 'again') {",
    test: {
      file: `${consumer}/parking-limits.int.spec.ts`,
      name: 'logs that there is room only once the message is parked or handled',
    },
  },
  {
    name: 'catching up does not wait for the offsets',
    why: 'a timer fires although its reply is waiting on the log',
    file: `${consumer}/catching-up.ts`,
    replace: "committedAt(ends.identities.get(topic)?.topicId ?? '') >= offset",
    by: "committedAt(ends.identities.get(topic)?.topicId ?? '') >= 0n",
    test: {
      file: `${consumer}/ownership.int.spec.ts`,
      name: 'has caught up to the last moment whose ends the offsets in PostgreSQL have reached on every topic',
    },
  },
  {
    name: 'external call released by a worker that lost its lease',
    why: 'a third worker makes the call while the second is still making it',
    file: 'libs/streaming-core/src/messaging/external-calls/external-calls.sql.ts',
    replace: 'WHERE id = $1 AND attempts = $2`',
    by: 'WHERE id = $1 AND $2 = $2`',
    test: {
      file: 'libs/streaming-core/src/messaging/external-calls/concurrent-calls.int.spec.ts',
      name: 'are given back only by the worker that holds the lease, while a failure of an overtaken worker frees no call',
    },
  },
  {
    name: 'acknowledgement before fsync',
    why: 'an acknowledged record is lost in a power failure',
    file: 'libs/streaming-core/src/log/disk/group-commit.ts',
    replace: 'if (this.#failure !== undefined) this.fail(this.#failure);\n    return done;',
    by: 'if (this.#failure !== undefined) this.fail(this.#failure);\n    void done;\n    return durableAtOnce;',
    test: {
      file: 'libs/streaming-core/src/log/disk/group-commit.spec.ts',
      name: 'shares a sync among all writes of one turn, and makes later writes wait for the next sync',
    },
  },
  {
    name: 'a repeated batch is acknowledged at once',
    why: 'a producer that retries gets an acknowledgement before its record is on disk',
    file: 'libs/streaming-core/src/log/disk/group-commit.ts',
    replace:
      'if (this.#inFlight !== undefined && endOffset <= this.#inFlight.endOffset) return this.#inFlight.done;',
    by: 'if (this.#inFlight !== undefined && endOffset <= this.#inFlight.endOffset) return durableAtOnce;',
    test: {
      file: 'libs/streaming-core/src/log/disk/group-commit.spec.ts',
      name: 'makes a repeated batch wait for the sync that covers it',
    },
  },
  {
    name: 'external call repeated without a query',
    why: 'a card is charged twice after a crash',
    file: 'libs/streaming-core/src/messaging/external-calls/call-handling.ts',
    replace: 'request.attempt > 1 && options.query !== undefined',
    by: 'request.attempt > 1_000 && options.query !== undefined',
    test: {
      file: 'libs/streaming-core/src/messaging/external-calls/worker.int.spec.ts',
      name: 'are queried before they are repeated, and not repeated when the outcome is known',
    },
  },
  {
    name: 'inbox that forgets messages too early',
    why: 'a dead letter that is re-sent after weeks takes effect twice',
    file: 'libs/service-chassis/src/modules/messaging/inbox-retention.ts',
    replace: 'retentionMs < longest.ms',
    by: 'retentionMs < 0',
    test: {
      file: 'libs/service-chassis/src/modules/messaging/inbox-retention.spec.ts',
      name: 'must cover the retention of dead letters',
    },
  },
];
