/**
 * Every error of this library, by the part that throws it and by its code. Errors of the wire
 * protocol have Kafka's own codes (`protocol/errors.ts`).
 */
export const errors = {
  broker: {
    DATA_FOLDER_UNUSABLE: 'The broker cannot use its data folder',
    PORT_TAKEN: 'Another process already listens on the port',
    ADDRESS_NOT_AVAILABLE: 'This machine does not have the address to listen on',
    ADVERTISED_HOST_MISSING: 'The broker listens on every address and was not told which one to advertise',
    CONFIG_INVALID: 'A setting has an unknown name or a wrong value',
    LISTEN_FAILED: 'The broker cannot listen for another reason',
  },
  client: {
    unreachable:
      'No broker answers, the broker is not the leader, it is still completing a transaction, or the ' +
      'token endpoint is unavailable. The client recovers without help',
    access_refused:
      'The TLS settings or the credentials do not match those of the broker. The message names the setting',
    unknown_topic: 'The topic does not exist',
    topic_exists: 'The topic already exists',
    topic_mismatch: 'The topic exists, but differs from its declaration',
    topic_recreated: 'The topic was deleted and recreated: its id differs from the known one',
    record_invalid: 'The record is invalid and was not sent',
    record_too_large: 'The record exceeds the limit and was not sent',
    queue_full: 'Too many records are waiting to be sent. This one was not accepted',
    settings_refused: 'A setting of the client is invalid. The message names the setting and the remedy',
    offset_out_of_range: 'The log does not hold that offset',
    not_member: 'The member is not in the group, or the group has a new generation',
    fenced_instance: 'Another process uses the same groupInstanceId. This member has stopped permanently',
    fenced:
      'Another producer uses the same transactional id, or the transaction timed out. ' +
      'This producer has stopped permanently',
    transaction_failed: 'A part of the transaction failed. The transaction can only be aborted',
    transaction_over: 'The transaction was used after its end, or was begun before another one had ended',
    outcome_unknown: 'The broker did not answer the commit. Only read_committed shows its outcome',
    unknown_group: 'The group does not exist',
    group_in_use: 'The group has members, or one of them reads the topic',
    group_mismatch:
      'The members of the group use another group protocol or other assignors. This member has stopped permanently',
    argument_invalid: 'An argument of the call is invalid. The message names the argument and the remedy',
    replication_factor: 'The broker cannot give the topic that many replicas',
    broker_error: 'The broker rejected the request. The message has its reason',
    timeout: 'The client gave up waiting',
    aborted: 'The caller aborted the call',
    closed: 'The client is closed',
  },
  consumer: {
    fenced: 'Another member owns the partition now. The transaction was rolled back',
    parking_full: 'The group has no room for another parked message. Its partition waits',
    blocked: 'The process cannot handle the message, through no fault of the message. Its partition waits',
    terminal: 'No retry can handle the message. It goes to the dead-letter topic',
    foreign_cluster: 'The database belongs to the log of another cluster',
    offset_refused:
      'The stored offset belongs to another log, is outside the range of this one, ' +
      'or the database is older than the log',
    malformed: 'The record is not a message of its topic',
    duplicate_handler: 'A command has two handlers',
    duplicate_retry: 'Two handlers of one event have a retry policy',
    no_handlers: 'The runtime has no handlers',
    stopped: 'The runtime is stopping',
  },
  outbox: {
    message_too_large: 'The message, with its key and headers, exceeds 900,000 bytes',
    message_invalid: 'The message cannot be published as a CloudEvent',
    too_many_messages: 'There are more messages than one statement can insert',
    cursor_refused:
      "The relay's cursor belongs to another store, is beyond the end of this one, " +
      'or the database is older than the log',
    lease_lost: 'Another relay holds the lease',
    holder_taken: 'Another process runs a relay under the same holder name. This one has stopped permanently',
  },
  externalCall: {
    invalid_request: 'A key or payload exceeds its limit',
    invalid_settings: 'The lease does not outlast the call',
    keys_missing: 'The payload has personal data, and there is no holder of the keys for it',
    call_timed_out:
      'The call timed out and its outcome is unknown. The worker queries it before it repeats it',
    call_interrupted:
      'The call was interrupted and its outcome is unknown. The worker queries it before it repeats it',
    lease_lost: 'Another worker has taken over the call, and the result of that worker counts',
  },
  personalData: {
    keys_unavailable:
      'The database of the keys does not answer, or belongs to other data. Nothing is sealed or opened until it does',
    key_missing: 'Sealed data has no key, and no erasure destroyed it. Restore the backup of the keys',
    unreadable: 'A sealed value is damaged, or was sealed for another place',
    invalid_name: 'The name of a holder or subject is empty, exceeds its limit or has a NUL',
  },
  sql: {
    rolled_back: 'COMMIT was answered with ROLLBACK: a statement had failed and its error was swallowed',
    migration_changed: 'An applied migration differs from the one in the code',
    migration_unknown: 'The database has a migration that the code does not have',
    migration_invalid: 'A migration has a wrong name, or its number occurs twice',
  },
} as const;

/** An error that programs tell apart by its code. */
export class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type BrokerErrorCode = keyof typeof errors.broker;

/** Why a broker could not start. The message names the problem and the remedy. */
export class BrokerError extends CodedError<BrokerErrorCode> {
  override readonly name = 'BrokerError';
}
