/** What a reader needs to know about a catalogue of errors beside the codes that its library declares. */
export interface CatalogueNotes {
  readonly heading: string;
  /** The source that declares the codes, the name of the constant, and the part of it. */
  readonly source: string;
  readonly name: string;
  readonly part?: string;
  readonly about: string;
  /** What to do about each code. */
  readonly remedies: Readonly<Record<string, string>>;
}

/** The catalogue of streaming-core, by its parts. */
const core = 'libs/streaming-core/src/runtime/errors.ts';

export const coreCatalogues: readonly CatalogueNotes[] = [
  {
    heading: 'The Kafka client',
    source: core,
    name: 'errors',
    part: 'client',
    about:
      'Thrown as `ClientError` by the producer, the consumers, transactions and the admin client. Its `kind` says what ' +
      'a caller can do: `retriable` (the same call may succeed later), `abortable` (abort the transaction and repeat its ' +
      'work in another), `fenced` (another process has taken over, do not repeat the call), `fatal` (it fails until ' +
      "arguments, settings or the cluster have changed). `errorName` is Kafka's name if a broker answered it.",
    remedies: {
      unreachable: 'Wait: the client recovers. If it lasts, check `bootstrapServers` and the brokers.',
      access_refused: 'Correct the setting that the message names.',
      unknown_topic: 'Create the topic (the setup step does), or correct the name.',
      topic_exists: 'Use it, or choose another name.',
      topic_mismatch: 'Declare what exists, or copy the messages to a new topic.',
      topic_recreated: "Begin at the new topic's beginning; offsets of the old one mean nothing here.",
      record_invalid: 'Correct the record.',
      record_too_large: 'Send a reference to the content instead.',
      queue_full: 'Wait until earlier sends have settled, then send again.',
      settings_refused: 'Correct the setting that the message names.',
      offset_out_of_range: 'Seek to the beginning or the end of the log.',
      not_member: 'Drop the work at hand; the consumer joins again.',
      fenced_instance: 'Give each process a `groupInstanceId` of its own, and restart this one.',
      fenced: 'Stop, or give each process a transactional id of its own.',
      transaction_failed: 'Abort the transaction, and repeat its work in another.',
      transaction_over: 'Begin a new transaction; one at a time.',
      outcome_unknown: 'Read with `read_committed` what was written before you repeat it.',
      unknown_group: 'Correct the name of the group.',
      group_in_use: 'Stop the members of the group first.',
      group_mismatch: 'Give all members the same protocol and assignors.',
      argument_invalid: 'Correct the argument that the message names.',
      replication_factor: 'Ask for at most as many replicas as there are brokers.',
      broker_error: 'Read the message and `errorName`.',
      timeout: 'Try again, or allow more time.',
      aborted: 'Nothing: the caller wanted it.',
      closed: 'Connect another client.',
    },
  },
  {
    heading: 'The consumer runtime',
    source: core,
    name: 'errors',
    part: 'consumer',
    about:
      'Thrown as `ConsumerError`. Handlers throw two of them on purpose: `TerminalError` (`terminal`) and `BlockedError` ' +
      '(`blocked`). Any other error of a handler is retried, and then parks its key.',
    remedies: {
      fenced: 'Nothing: the other member handles the messages.',
      parking_full: 'See [the runbook](../operations/what-to-do.md#millraceparkingfull).',
      blocked: 'See [the runbook](../operations/what-to-do.md#millracepartitionblocked).',
      terminal: 'Decide about [the dead letter](../operations/what-to-do.md#dead-letters).',
      foreign_cluster: 'Connect to the log that belongs to the database, or begin with empty databases.',
      offset_refused: 'See [refused partitions](../operations/what-to-do.md#refused-partitions).',
      malformed:
        'Decide about [the dead letter](../operations/what-to-do.md#dead-letters), and correct its writer.',
      duplicate_handler: 'Keep one of them: a command has one owner.',
      duplicate_retry: 'Keep one of them: the message is retried for all of its handlers.',
      no_handlers: 'Pass at least one handler.',
      stopped: 'Nothing: the next process handles the message.',
    },
  },
  {
    heading: 'Outbox and relay',
    source: core,
    name: 'errors',
    part: 'outbox',
    about: 'Thrown as `OutboxError`, by a write to the outbox or by the relay that publishes it.',
    remedies: {
      message_too_large: 'Send a reference to the content instead.',
      message_invalid: 'Correct the field that the message names.',
      too_many_messages: 'Write them in several calls.',
      cursor_refused:
        'See [a database that is older than the log](../operations/backup.md#a-database-that-is-older-than-the-log).',
      lease_lost: 'Nothing: the other relay publishes.',
      holder_taken: 'Give each process an instance name of its own, and restart this one.',
    },
  },
  {
    heading: 'Calls to outside systems',
    source: core,
    name: 'errors',
    part: 'externalCall',
    about: 'Thrown as `ExternalCallError`, by a request for a call or by the worker that makes it.',
    remedies: {
      invalid_request: 'Shorten the key or the payload.',
      invalid_settings: 'Set the lease longer than the timeout of a call.',
      keys_missing: 'Give the option `holder`, so that the payload can be sealed.',
      call_timed_out: 'Nothing: the worker asks the outside system before it repeats the call.',
      call_interrupted: 'Nothing: the worker asks the outside system before it repeats the call.',
      lease_lost: 'Nothing: the result of the other worker counts.',
    },
  },
  {
    heading: 'Personal data',
    source: core,
    name: 'errors',
    part: 'personalData',
    about: 'Thrown as `PersonalDataError`, when personal data is sealed or opened.',
    remedies: {
      keys_unavailable: 'Start the database of the keys; everything waits for it.',
      key_missing: 'Restore [the backup of the keys](../operations/backup.md).',
      unreadable: 'Find out who has changed the value; restore it from a backup.',
      invalid_name: 'Correct the name of the holder or the subject.',
    },
  },
  {
    heading: 'PostgreSQL and migrations',
    source: core,
    name: 'errors',
    part: 'sql',
    about: 'Thrown as `SqlError`. Errors of PostgreSQL itself keep their SQLSTATE as `code`.',
    remedies: {
      rolled_back: 'Let the work reject with the error of its statement.',
      migration_changed: 'Restore the file, and write the change as a new migration.',
      migration_unknown: 'Run the release that has added the migration, or a newer one.',
      migration_invalid: 'Name it `NNNN-what-it-does.sql`, with the next number.',
    },
  },
  {
    heading: 'The start of the broker',
    source: core,
    name: 'errors',
    part: 'broker',
    about: "Thrown as `BrokerError`. To clients the broker answers with Kafka's own error codes.",
    remedies: {
      DATA_FOLDER_UNUSABLE: 'Do what the message says about the folder; nothing in it has changed.',
      PORT_TAKEN: 'Stop the other process, or choose another port.',
      ADDRESS_NOT_AVAILABLE: 'Listen on an address of this machine.',
      ADVERTISED_HOST_MISSING: 'Set `--advertised-host` to a name that clients can reach.',
      CONFIG_INVALID: 'Correct the setting that the message names.',
      LISTEN_FAILED: 'Read the cause in the message.',
    },
  },
];
