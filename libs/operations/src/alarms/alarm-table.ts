import type { AlarmKind } from './alarm-kind.ts';

/**
 * Every alarm by its id: its meaning, its threshold, and the Prometheus rule that is generated from
 * it. The name of the rule is also the heading of its entry in the runbook.
 */
export const alarmTable = {
  database_unwritable: {
    meaning: 'The database answers, but takes no writes: its disk is full, or it is read-only.',
    place: [],
    threshold: 0,
    rule: 'MillraceDatabaseUnwritable',
    alert: {
      group: 'services',
      severity: 'page',
      figure: 'millrace_database_unwritable',
      over: 'max',
      by: ['service'],
      forMinutes: 1,
      summary: 'the database of {{ $labels.service }} takes no writes',
    },
  },
  consumer_lag: {
    meaning: 'A group is more than `ALARM_LAG_MESSAGES` behind on a partition.',
    place: ['group', 'topic', 'partition'],
    threshold: 10_000,
    setting: 'ALARM_LAG_MESSAGES',
    rule: 'MillraceConsumerLag',
    alert: {
      group: 'consumers',
      severity: 'ticket',
      figure: 'kafka_consumer_group_lag',
      over: 'max',
      by: ['group', 'topic', 'partition'],
      forMinutes: 2,
      summary:
        '{{ $labels.group }} is {{ $value }} messages behind on {{ $labels.topic }}/{{ $labels.partition }}',
    },
  },
  consumer_lag_seconds: {
    meaning: 'The message that a group reads next is older than `ALARM_LAG_SECONDS`.',
    place: ['group', 'topic', 'partition'],
    threshold: 60,
    setting: 'ALARM_LAG_SECONDS',
    rule: 'MillraceConsumerLagSeconds',
    alert: {
      group: 'consumers',
      severity: 'page',
      figure: 'kafka_consumer_group_lag_seconds',
      over: 'max',
      by: ['group', 'topic', 'partition'],
      forMinutes: 2,
      summary:
        '{{ $labels.group }} has not handled a message of {{ $labels.topic }}/{{ $labels.partition }} ' +
        'for {{ $value | humanizeDuration }}',
    },
  },
  partition_refused: {
    meaning: 'The stored offset of a partition of this process does not match the log.',
    place: ['group', 'topic', 'partition'],
    threshold: 0,
    rule: 'MillracePartitionRefused',
    alert: {
      group: 'consumers',
      severity: 'page',
      figure: 'millrace_consumer_partitions_refused',
      over: 'sum',
      by: ['service', 'group'],
      forMinutes: 1,
      summary: '{{ $labels.group }} refuses the stored offsets of {{ $value }} partitions',
    },
  },
  partition_blocked: {
    meaning: 'This process cannot handle the next message of a partition, through no fault of the message.',
    place: ['group', 'topic', 'partition'],
    threshold: 0,
    rule: 'MillracePartitionBlocked',
    alert: {
      group: 'consumers',
      severity: 'page',
      figure: 'millrace_consumer_partitions_blocked',
      over: 'sum',
      by: ['service', 'group'],
      forMinutes: 1,
      summary: '{{ $labels.group }} cannot handle the next message of {{ $value }} partitions',
    },
  },
  dead_letters: {
    meaning: 'A dead-letter topic of what this process reads has any record.',
    place: ['topic'],
    threshold: 0,
    rule: 'MillraceDeadLetters',
    alert: {
      group: 'consumers',
      severity: 'ticket',
      figure: 'last_over_time(millrace_dead_letters[5m])',
      over: 'max',
      by: ['topic'],
      summary: '{{ $value }} dead letters are on {{ $labels.topic }}',
      comment: 'Every reader of the topic reports the number of its records; a restart leaves a gap.',
    },
  },
  parked_age: {
    meaning: 'The oldest parked message has waited longer than `ALARM_PARKED_SECONDS`.',
    place: ['group', 'topic'],
    threshold: 60,
    setting: 'ALARM_PARKED_SECONDS',
    rule: 'MillraceKeysParked',
    alert: {
      group: 'consumers',
      severity: 'ticket',
      figure: 'millrace_parked_oldest_age_seconds',
      over: 'max',
      by: ['group', 'topic'],
      forMinutes: 1,
      summary:
        '{{ $labels.group }} has parked keys of {{ $labels.topic }}; ' +
        'the oldest message has waited for {{ $value | humanizeDuration }}',
    },
  },
  parking_full: {
    meaning: 'A partition of this process has no room to park another message.',
    place: ['group', 'topic', 'partition'],
    threshold: 0,
    rule: 'MillraceParkingFull',
    alert: {
      group: 'consumers',
      severity: 'page',
      figure: 'millrace_consumer_partitions_without_room',
      over: 'sum',
      by: ['group'],
      forMinutes: 1,
      summary: '{{ $value }} partitions of {{ $labels.group }} have no room to park another message',
    },
  },
  outbox_age: {
    meaning: 'The oldest unpublished message is older than `ALARM_OUTBOX_SECONDS`.',
    place: [],
    threshold: 30,
    setting: 'ALARM_OUTBOX_SECONDS',
    rule: 'MillraceOutboxAge',
    alert: {
      group: 'outbox',
      severity: 'page',
      figure: 'millrace_relay_oldest_unpublished_age_seconds',
      over: 'max',
      by: ['service'],
      forMinutes: 1,
      summary:
        'a message of {{ $labels.service }} has waited for {{ $value | humanizeDuration }} to be published',
    },
  },
  external_call_age: {
    meaning: 'The oldest call without a result is older than `ALARM_EXTERNAL_CALL_SECONDS`.',
    place: ['kind'],
    threshold: 300,
    setting: 'ALARM_EXTERNAL_CALL_SECONDS',
    rule: 'MillraceExternalCallsStuck',
    alert: {
      group: 'outbox',
      severity: 'ticket',
      figure: 'millrace_external_calls_oldest_age_seconds',
      over: 'max',
      by: ['service', 'kind'],
      forMinutes: 2,
      summary: 'a call of {{ $labels.kind }} has been pending for {{ $value | humanizeDuration }}',
    },
  },
  sagas_need_attention: {
    meaning: 'A saga has sent a command 8 times without an answer.',
    place: ['definition'],
    threshold: 0,
    rule: 'MillraceSagasNeedAttention',
    alert: {
      group: 'sagas',
      severity: 'page',
      figure: 'millrace_sagas_need_attention',
      over: 'max',
      by: ['service', 'definition'],
      forMinutes: 1,
      summary: '{{ $value }} sagas of {{ $labels.definition }} get no answer',
    },
  },
  saga_age: {
    meaning:
      'A saga has waited for the reply to a command for longer than `ALARM_SAGA_SECONDS`, or a timed process for an ' +
      'event. A saga within a delay or a wait does not count.',
    place: ['definition'],
    threshold: 3_600,
    setting: 'ALARM_SAGA_SECONDS',
    rule: 'MillraceSagasStuck',
    alert: {
      group: 'sagas',
      severity: 'ticket',
      figure: 'millrace_saga_commands_oldest_age_seconds',
      over: 'max',
      by: ['service', 'definition', 'step'],
      forMinutes: 2,
      summary:
        'a saga of {{ $labels.definition }} has waited {{ $value | humanizeDuration }} for the reply of {{ $labels.step }}',
    },
  },
  timers_overdue: {
    meaning: 'The most overdue timer is more than `ALARM_TIMER_SECONDS` late.',
    place: [],
    threshold: 60,
    setting: 'ALARM_TIMER_SECONDS',
    rule: 'MillraceTimersOverdue',
    alert: {
      group: 'sagas',
      severity: 'ticket',
      figure: 'millrace_saga_timers_oldest_overdue_seconds',
      over: 'max',
      by: ['service'],
      forMinutes: 2,
      summary: 'a saga timer of {{ $labels.service }} is {{ $value | humanizeDuration }} late',
    },
  },
  timers_unadopted: {
    meaning:
      'A timer is more than `ALARM_TIMER_SECONDS` late because no message of its saga has been handled.',
    place: [],
    threshold: 60,
    setting: 'ALARM_TIMER_SECONDS',
    rule: 'MillraceTimersUnadopted',
    alert: {
      group: 'sagas',
      severity: 'ticket',
      figure: 'millrace_saga_timers_oldest_unadopted_seconds',
      over: 'max',
      by: ['service'],
      forMinutes: 2,
      summary:
        'a saga timer of {{ $labels.service }} is {{ $value | humanizeDuration }} late and has no partition',
    },
  },
  saga_version_unknown: {
    meaning:
      'An unfinished saga has a version that this process does not know. The label `kind` is the version.',
    place: ['definition', 'kind'],
    threshold: 0,
    rule: 'MillraceSagaVersionUnknown',
    alert: {
      group: 'sagas',
      severity: 'page',
      figure: 'millrace_sagas_unknown_version',
      over: 'max',
      by: ['service', 'definition', 'version'],
      forMinutes: 1,
      summary:
        'a process of {{ $labels.service }} does not know version {{ $labels.version }} ' +
        'of {{ $labels.definition }}, which {{ $value }} sagas need',
    },
  },
  streams_failed: {
    meaning: 'An error has ended a stream application in this process.',
    place: ['application'],
    threshold: 0,
    rule: 'MillraceStreamsFailed',
    alert: {
      group: 'streams',
      severity: 'page',
      figure: 'millrace_streams_failed',
      over: 'sum',
      by: ['service', 'application'],
      summary: 'an error has ended {{ $labels.application }} in {{ $value }} of its processes',
    },
  },
  streams_not_running: {
    meaning:
      'A stream application has not been running in this process for longer than `ALARM_STREAMS_SECONDS`: it ' +
      'restores its state, waits for partitions or for the brokers, or an error has ended it.',
    place: ['application'],
    threshold: 60,
    setting: 'ALARM_STREAMS_SECONDS',
    rule: 'MillraceStreamsNotRunning',
    alert: {
      group: 'streams',
      severity: 'ticket',
      figure: 'millrace_streams_not_running_seconds',
      over: 'max',
      by: ['service', 'application'],
      forMinutes: 1,
      summary:
        '{{ $labels.application }} has not been running in one of its processes for {{ $value | humanizeDuration }}',
    },
  },
  connector_failed: {
    meaning: 'An error has ended a connector or one of its tasks, which this worker runs.',
    place: ['connector', 'task'],
    threshold: 0,
    rule: 'MillraceConnectorFailed',
    alert: {
      group: 'connect',
      severity: 'page',
      figure: 'millrace_connect_failed',
      over: 'max',
      by: ['service', 'connector', 'task'],
      summary: 'an error has ended task {{ $labels.task }} of the connector {{ $labels.connector }}',
    },
  },
  source_log_kept: {
    meaning:
      'A database keeps more than `ALARM_SOURCE_LOG_BYTES` of its log for a source, which may also be paused ' +
      'or failed. At `max_slot_wal_keep_size` PostgreSQL gives up the slot.',
    place: ['connector'],
    threshold: 1_000_000_000,
    setting: 'ALARM_SOURCE_LOG_BYTES',
    rule: 'MillraceSourceLogKept',
    alert: {
      group: 'connect',
      severity: 'page',
      figure: 'millrace_connect_source_log_bytes',
      over: 'max',
      by: ['connector'],
      forMinutes: 1,
      summary:
        'a database keeps {{ $value | humanize1024 }}B of its log for the connector {{ $labels.connector }}',
    },
  },
} as const satisfies Readonly<Record<string, AlarmKind>>;

export type AlarmName = keyof typeof alarmTable;

/** The settings that replace thresholds of the table. */
export type AlarmSetting = {
  [Name in AlarmName]: (typeof alarmTable)[Name] extends { readonly setting: infer Variable }
    ? Variable
    : never;
}[AlarmName];
