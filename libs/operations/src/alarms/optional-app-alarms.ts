import type { AlarmKind } from './alarm-kind.ts';

/** The alarms of stream applications, of workers of connectors, and of the schema registry. */
export const optionalAppAlarms = {
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
      figure: 'millrace_connect_tasks',
      where: { state: 'FAILED' },
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
  registry_failed: {
    meaning:
      'An error has ended the reading of the topic of schemas, or the membership in its group. This process knows only ' +
      'the schemas from before.',
    place: [],
    threshold: 0,
    rule: 'MillraceRegistryFailed',
    alert: {
      group: 'registry',
      severity: 'page',
      figure: 'millrace_registry_failed',
      over: 'sum',
      by: ['service'],
      summary: '{{ $value }} of the processes of {{ $labels.service }} no longer follow the topic of schemas',
    },
  },
} as const satisfies Readonly<Record<string, AlarmKind>>;
