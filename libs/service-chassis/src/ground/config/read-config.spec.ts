import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from './read-config.ts';
import { roleNames } from './roles.ts';
import { serviceConfig } from './service-config.ts';

const enough = {
  ORDER_DATABASE_URL: 'postgres://millrace:topsecret@127.0.0.1:5432/order',
  KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9092',
};

describe('a service reading its environment', () => {
  it('needs only the database and the brokers, and defaults the rest', () => {
    expect(readConfig(serviceConfig('order', 3001), enough)).toEqual({
      port: 3001,
      host: '127.0.0.1',
      roles: ['api', 'worker', 'relay', 'projector'],
      databaseUrl: enough.ORDER_DATABASE_URL,
      databasePoolSize: 6,
      bootstrapServers: ['127.0.0.1:9092'],
      security: {},
      logLevel: 'info',
      bodyBytesMax: 65_536,
      headerBytesMax: 16_384,
      inFlightMax: 500,
      perSecond: 5_000,
      corsOrigins: [],
      perClientAndSecond: 2_000,
      startupWaitMs: 30_000,
      shutdownGraceMs: 5_000,
      snapshotEveryEvents: 1_000,
      inboxRetentionDays: 31,
      idlePollMs: 5_000,
      relay: 'poll',
      relayConnectUrl: 'http://127.0.0.1:8083',
      relayDelivery: 'at-least-once',
      opsPort: 0,
      opsHost: '127.0.0.1',
      liveEventsMax: 500,
      liveEventsHeartbeatMs: 15_000,
      liveEventsLifetimeMs: 300_000,
      liveEventsStallMsMax: 30_000,
      waitsMax: 500,
      waitMsMax: 5_000,
      retryInPlaceMs: 5_000,
      retryParkedMs: 3_600_000,
      lagGroups: [],
      watchEveryMs: 15_000,
      alarmHoldMs: 15_000,
      alarmLagMessages: 10_000,
      alarmLagSeconds: 60,
      alarmStreamsSeconds: 60,
      alarmOutboxSeconds: 30,
      alarmExternalCallSeconds: 300,
      alarmParkedSeconds: 60,
      alarmTimerSeconds: 60,
      alarmSagaSeconds: 3_600,
    });
  });

  it('accepts port 0 and several brokers', () => {
    const config = readConfig(serviceConfig('order', 3001), {
      ...enough,
      ORDER_PORT: '0',
      KAFKA_BOOTSTRAP_SERVERS: 'a:1, b:2',
    });
    expect(config).toMatchObject({ port: 0, bootstrapServers: ['a:1', 'b:2'] });
  });

  it('accepts a name for the process, which is optional', () => {
    expect(
      readConfig(serviceConfig('order', 3001), { ...enough, ORDER_INSTANCE: 'order-1.a' }).instance,
    ).toBe('order-1.a');
    expect(readConfig(serviceConfig('order', 3001), enough).instance).toBeUndefined();
    expect(
      problemsOf(() => readConfig(serviceConfig('order', 3001), { ...enough, ORDER_INSTANCE: 'order 1' })),
    ).toEqual([
      'ORDER_INSTANCE: must have 1 to 100 letters, digits, dots or dashes (example: ORDER_INSTANCE=order-1)',
    ]);
  });

  it('has every role by default, or those that are named, and lists the roles when a name is unknown', () => {
    const read = (given: string) => readConfig(serviceConfig('order', 3001), { ...enough, ROLES: given });
    expect(read('relay, api,relay').roles).toEqual(['api', 'relay']);
    expect(read('').roles).toEqual(roleNames);
    for (const wrong of ['api,consumer', 'api,', ',', 'API'])
      expect(problemsOf(() => read(wrong))).toEqual([
        'ROLES: must be one or more of api, worker, relay, projector, separated by commas (example: ROLES=api,worker,relay,projector)',
      ]);
  });

  it('accepts groups to watch, and a threshold of 0 to turn an alarm off', () => {
    const config = readConfig(serviceConfig('order', 3001), {
      ...enough,
      LAG_GROUPS: 'analytics-group, reports',
      ALARM_LAG_MESSAGES: '0',
    });
    expect(config).toMatchObject({ lagGroups: ['analytics-group', 'reports'], alarmLagMessages: 0 });
    expect(
      problemsOf(() =>
        readConfig(serviceConfig('order', 3001), { ...enough, LAG_GROUPS: 'a,,b', ALARM_LAG_SECONDS: '1m' }),
      ),
    ).toEqual([
      'LAG_GROUPS: must be group names without spaces, separated by commas (example: LAG_GROUPS=analytics-group,reports)',
      'ALARM_LAG_SECONDS: must be a whole number (example: ALARM_LAG_SECONDS=60)',
    ]);
  });

  it('R01 lists each problem on its own line, with the variable and an example', () => {
    const broken = () =>
      readConfig(serviceConfig('order', 3001), {
        ORDER_PORT: '99999',
        LOG_LEVEL: 'loud',
        RELAY_DELIVERY: 'exactly once',
        KAFKA_BOOTSTRAP_SERVERS: '',
      });
    expect(broken).toThrow(ConfigError);
    expect(problemsOf(broken)).toEqual([
      'ORDER_PORT: must be at most 65535 (example: ORDER_PORT=3001)',
      'LOG_LEVEL: must be debug, info, warn, error or silent (example: LOG_LEVEL=info)',
      expect.stringMatching(/^ORDER_DATABASE_URL: is missing \(example: ORDER_DATABASE_URL=postgres:/),
      'KAFKA_BOOTSTRAP_SERVERS: is missing (example: KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092)',
      'RELAY_DELIVERY: must be at-least-once or exactly-once (example: RELAY_DELIVERY=exactly-once)',
    ]);
  });

  it('checks settings that belong together and lists their problems with the others', () => {
    const broken = () =>
      readConfig(serviceConfig('order', 3001), {
        ...enough,
        ORDER_PORT: 'x',
        KAFKA_SASL_USERNAME: 'millrace',
      });
    expect(problemsOf(broken)).toEqual([
      'ORDER_PORT: must be a whole number (example: ORDER_PORT=3001)',
      'KAFKA_SASL_USERNAME: has no effect with KAFKA_SECURITY_PROTOCOL PLAINTEXT: unset it, or set KAFKA_SECURITY_PROTOCOL to SASL_SSL',
    ]);
  });

  it('R01 never shows a value that was given', () => {
    const broken = () =>
      readConfig(serviceConfig('order', 3001), { ...enough, ORDER_DATABASE_URL: 'mysql://u:topsecret@h/d' });
    expect(problemsOf(broken).join()).not.toContain('topsecret');
  });
});

function problemsOf(broken: () => unknown): readonly string[] {
  try {
    broken();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}
