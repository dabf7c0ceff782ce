/**
 * Every error of this library, by the part that throws it and by its code. Errors of the wire protocol
 * have Kafka's own codes (`protocol/errors.ts`).
 */
export const errors = {
  broker: {
    DATA_FOLDER_UNUSABLE: 'The broker cannot use its data folder',
    PORT_TAKEN: 'Another process listens on the port',
    ADDRESS_NOT_AVAILABLE: 'This machine does not have the address to listen on',
    ADVERTISED_HOST_MISSING: 'The broker listens on every address and was not told which one to advertise',
    CONFIG_INVALID: 'A setting has a wrong name or value',
    LISTEN_FAILED: 'The broker cannot listen, for another reason',
  },
  client: {
    unreachable:
      'No broker answers, the one asked is not the leader, or it still completes a transaction; passes without help',
    access_refused: 'TLS or credentials do not match those of the broker; the message names the setting',
    unknown_topic: 'The topic does not exist',
    topic_mismatch: 'The topic exists, but not as it is declared',
    topic_recreated: 'The topic has another id than the one that was identified',
    record_invalid: 'The record was refused before anything was sent',
    record_too_large: 'The record exceeds the limit and was not sent',
    queue_full: 'Too many records wait to be sent; this one was not accepted',
    settings_refused: 'The client cannot work with its settings; the message names one and the remedy',
    offset_out_of_range: 'The log does not hold that offset',
    not_member: 'The member is not in the group, or the group has a new generation',
    fenced_instance: 'Another process has the same groupInstanceId; this member has stopped permanently',
    fenced:
      'Another producer has the same transactional id, or the transaction timed out; this producer has stopped permanently',
    transaction_failed: 'Part of the transaction failed; it can only be aborted',
    transaction_over: 'The transaction was used after its end, or begun before the end of another one',
    outcome_unknown: 'The commit was sent and not answered; only read_committed shows its outcome',
    replication_factor: 'The broker cannot give the topic that many replicas',
    broker_error: 'The broker refused the request; the message has its reason',
    timeout: 'The client gave up waiting',
    closed: 'The client is closed',
  },
  consumer: {
    fenced: 'Another member owns the partition now; nothing of the transaction was kept',
    parking_full: 'The group has no room for another parked message; its partition waits for room',
    terminal: 'No retry can handle the message; it goes to the dead letters',
    foreign_cluster: 'The database belongs to the log of another cluster',
    offset_refused: 'The stored offset belongs to another log, or lies outside this one',
    malformed: 'The record is not a message of its topic',
    duplicate_handler: 'Two handlers of the runtime have the same message',
    no_handlers: 'The runtime has no handlers',
    stopped: 'The runtime is stopping',
  },
  outbox: {
    message_too_large: 'The message exceeds 900,000 bytes with its key and headers',
    message_invalid: 'The message cannot be published as a CloudEvent',
    too_many_messages: 'There are more messages than one statement takes',
    cursor_refused: "The relay's cursor belongs to another store, or lies beyond this one",
    lease_lost: 'Another relay holds the lease',
    holder_taken: 'Another process runs a relay under the same holder name; this one has stopped permanently',
  },
  externalCall: {
    invalid_request: 'A key or a payload exceeds its limit',
    invalid_settings: 'The lease does not outlast the call',
    call_timed_out: 'The outcome is unknown: the call is queried, then repeated',
    call_interrupted: 'The outcome is unknown: the call is queried, then repeated',
    lease_lost: 'Another worker has taken over the call; its result counts',
  },
  sql: {
    rolled_back: 'COMMIT answered ROLLBACK: a statement had failed and its error was swallowed',
    migration_changed: 'An applied migration has other contents in the code',
    migration_unknown: 'The database has a migration that the code does not have',
    migration_invalid: 'A migration has a wrong name, or its number occurs twice',
  },
} as const;
