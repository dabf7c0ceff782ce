/** What processes answer, each below a path of its own. */
export const alarm = {
  alarm: 'saga_age',
  place: { definition: 'fulfillment' },
  value: 700,
  threshold: 600,
  runbook: 'MillraceSagasStuck',
  since: '2026-11-22T09:00:00.000Z',
};
export const answers = {
  '/ready': {
    status: 'ready',
    roles: ['api'],
    checks: { alarms: { healthy: true, details: { active: [] } } },
  },
  '/paging': { status: 'ready', roles: ['api'], checks: {} },
  '/mute': { status: 'ready', roles: ['api'], checks: {} },
  '/timed': { status: 'ready', roles: ['api'], checks: {} },
  '/plain': {
    status: 'ready',
    roles: ['api'],
    checks: {
      keys: { healthy: true, details: { sealing: 'off', warning: 'personal data is stored in plain text' } },
    },
  },
  '/alarmed': {
    status: 'ready',
    roles: ['api'],
    checks: { alarms: { healthy: true, details: { active: [alarm] } } },
  },
  /** An earlier release names no entry. */
  '/early': {
    status: 'ready',
    roles: ['api'],
    checks: { alarms: { healthy: true, details: { active: [{ ...alarm, runbook: undefined }] } } },
  },
  '/sealed': {
    status: 'unhealthy',
    roles: ['api'],
    checks: { keys: { healthy: false, details: { reason: 'cannot connect to the keys' } } },
  },
  '/degraded': {
    status: 'degraded',
    roles: ['api', 'projector'],
    checks: {
      projector: {
        healthy: true,
        degraded: true,
        details: { state: 'running', refused: [{ partition: 'orders/0', reason: 'To continue: UPDATE' }] },
      },
    },
  },
  '/waiting': {
    status: 'degraded',
    roles: ['api', 'projector'],
    checks: {
      projector: { healthy: true, degraded: true, details: { state: 'waiting for the read database' } },
    },
  },
  '/stalled': {
    status: 'unhealthy',
    roles: ['worker'],
    checks: {
      consumer: {
        healthy: false,
        details: {
          refused: [{ partition: 'orders/0', reason: 'To continue regardless: UPDATE' }],
          blocked: [{ partition: 'orders/1', reason: 'version 2 is not known' }],
        },
      },
    },
  },
  '/unhealthy': {
    status: 'unhealthy',
    roles: ['api'],
    checks: { database: { healthy: false, details: { reason: 'connection refused' } } },
  },
} as const;

/** What processes expose that are ready and have raised no alarm. */
export const metrics: Readonly<Record<string, string>> = {
  '/ready/metrics': [
    'millrace_relay_publishing{service="order"} 1',
    'millrace_consumer_partitions_owned{group="order",service="order"} 6',
  ].join('\n'),
  '/timed/metrics': [
    'millrace_sagas_live{definition="fulfillment",status="running",service="order"} 2',
    'millrace_sagas_live{definition="choreography",status="compensating",service="order"} 1',
  ].join('\n'),
  '/paging/metrics': [
    'kafka_consumer_group_lag_seconds{group="order",topic="t",partition="0",service="order"} 61',
    'millrace_consumer_partitions_owned{group="order",service="order"} 0',
    'millrace_http_requests_recent{window="5m",service="order"} 100',
    'millrace_http_requests_recent{window="1h",service="order"} 100',
    'millrace_http_server_errors_recent{window="5m",service="order"} 2',
    'millrace_http_server_errors_recent{window="1h",service="order"} 2',
  ].join('\n'),
};
