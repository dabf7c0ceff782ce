import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GroupConsumer } from '@millrace/streaming-core/client';
import { sharedStack, until } from '@millrace/test-support/stack';
import { startMeter, type Meter } from './meter.ts';
import { StackLog } from './stack-log.ts';

const stack = sharedStack();
const log = new StackLog(stack);
const group = `analytics-group-${randomUUID()}`; // unique, since other runs may have used this log
const threshold = 400;

/** `user-events` has three partitions, and nobody writes to the third (T5). */
describe('G18 lag of analytics-group on user-events', () => {
  let meter: Meter;
  let member: GroupConsumer;

  beforeAll(async () => {
    await log.newTopic('user-events', 3);
    await write(0, 1_500);
    await write(1, 2_100);
    member = log.consumer({
      clientId: 'analytics',
      groupId: group,
      topics: ['user-events'],
      sessionTimeoutMs: 30_000,
    });
    await member.start({ onRevoked: () => Promise.resolve(), onAssigned: () => Promise.resolve() });
    await commit(1_000n, 2_000n);
    meter = await startMeter(stack, {
      consumes: false,
      settings: {
        LAG_GROUPS: group,
        ALARM_LAG_MESSAGES: String(threshold),
        ALARM_LAG_SECONDS: '0',
        ALARM_HOLD_MS: '300',
      },
    });
  });
  afterAll(async () => {
    await meter.stop();
    await log.close();
  });

  const write = (partition: number, count: number) =>
    log.producer.send(
      Array.from({ length: count }, (_, n) => ({
        topic: 'user-events',
        key: null,
        value: JSON.stringify({ user_id: n }),
        partition,
      })),
    );
  const commit = (...offsets: readonly bigint[]) =>
    member.commit(offsets.map((offset, partition) => ({ topic: 'user-events', partition, offset })));
  const lags = async () => {
    const metric = await meter.metrics();
    return ['0', '1', '2'].map((partition) =>
      metric('kafka_consumer_group_lag', { group, topic: 'user-events', partition }),
    );
  };
  const activeAlarms = async () => (await meter.ready()).checks.alarms?.details?.active;
  const alarmLines = () => meter.lines.filter(({ msg }) => /^alarm /.test(String(msg)));
  const place = { group, topic: 'user-events', partition: '0' };

  it('R10 is 500 at offset 1000 of 1500 and 100 at offset 2000 of 2100; P2 never had a commit', async () => {
    await until('the lag to be seen', 30_000, async () => !Number.isNaN((await lags())[0]));

    expect(await lags()).toEqual([500, 100, NaN]);
    const metric = await meter.metrics();
    expect(metric('kafka_consumer_group_lag_seconds', place)).toBeGreaterThan(0);
  });

  it('R11 raises an alarm above 400 that names only P0: in the log, on /readyz and as a metric', async () => {
    await until('the alarm to be raised', 30_000, () => alarmLines().length > 0);

    expect(alarmLines()).toMatchObject([
      {
        level: 'warn',
        msg: 'alarm raised: consumer_lag',
        alarm: 'consumer_lag',
        ...place,
        value: 500,
        threshold,
      },
    ]);
    expect(await activeAlarms()).toEqual([
      {
        alarm: 'consumer_lag',
        place,
        value: 500,
        threshold,
        runbook: 'MillraceConsumerLag',
        since: expect.any(String),
      },
    ]);
    expect((await meter.ready()).status).toBe('ready'); // a process with lag stays ready
    const metric = await meter.metrics();
    expect(metric('millrace_alarm_active', { alarm: 'consumer_lag' })).toBe(1);
    expect(metric('millrace_alarm_active', { alarm: 'consumer_lag', ...place })).toBe(1);
  });

  it('R11 clears the alarm with one log line once the consumer has caught up', async () => {
    await commit(1_500n, 2_100n);
    await until('the alarm to clear', 30_000, () => alarmLines().length > 1);

    expect(alarmLines()[1]).toMatchObject({
      level: 'info',
      msg: 'alarm cleared: consumer_lag',
      ...place,
      value: 0,
      threshold,
    });
    expect(await activeAlarms()).toEqual([]);
    expect(await lags()).toEqual([0, 0, NaN]);
    expect((await meter.metrics())('millrace_alarm_active', { alarm: 'consumer_lag' })).toBe(0);
    expect(alarmLines()).toHaveLength(2);
  });
});
