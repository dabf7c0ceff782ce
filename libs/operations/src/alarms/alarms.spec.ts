import { beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { createAlarms, type Alarms } from './alarms.ts';

const holdMs = 10_000;
const epochMs = Date.UTC(2026, 10, 20, 9);

describe('an alarm', () => {
  let nowMs: number;
  let lines: unknown[];
  let alarms: Alarms;

  beforeEach(() => {
    nowMs = 0;
    lines = [];
    const write = (fields: object, message: string) => void lines.push({ message, ...fields });
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    alarms = createAlarms({
      clock: { ...systemClock, monotonic: () => nowMs, now: () => epochMs + nowMs },
      logger,
      thresholds: { ALARM_LAG_MESSAGES: 400, ALARM_OUTBOX_SECONDS: 30, ALARM_SAGA_SECONDS: 0 },
      holdMs,
    });
  });

  const place = (partition: string) => ({ group: 'analytics-group', topic: 'user-events', partition });
  const seen = (atMs: number, ...lags: readonly number[]) => {
    nowMs = atMs;
    alarms.observe(
      'lag',
      lags.map((value, partition) => ({
        alarm: 'consumer_lag',
        place: place(String(partition)),
        value,
      })),
    );
  };

  it('is raised with one line where the threshold is exceeded, and nowhere else', () => {
    for (const atMs of [0, 5_000, 10_000, 15_000]) seen(atMs, 500, 100, 400);

    expect(alarms.active()).toEqual([
      {
        alarm: 'consumer_lag',
        place: place('0'),
        value: 500,
        threshold: 400,
        runbook: 'MillraceConsumerLag',
        since: '2026-11-20T09:00:10.000Z',
      },
    ]);
    expect(lines).toEqual([
      {
        message: 'alarm raised: consumer_lag',
        alarm: 'consumer_lag',
        ...place('0'),
        value: 500,
        threshold: 400,
        runbook: 'MillraceConsumerLag',
      },
    ]);
  });

  it('is cleared with one line once the figure is back, and may be raised again', () => {
    for (const atMs of [0, 10_000]) seen(atMs, 500);
    for (const atMs of [20_000, 30_000, 40_000]) seen(atMs, 400);
    expect(alarms.active()).toEqual([]);
    for (const atMs of [50_000, 60_000]) seen(atMs, 401);

    expect(lines).toMatchObject([
      { message: 'alarm raised: consumer_lag', value: 500 },
      { message: 'alarm cleared: consumer_lag', value: 400 },
      { message: 'alarm raised: consumer_lag', value: 401 },
    ]);
  });

  it('R11 does not flap with a figure that swings around the threshold', () => {
    for (let atMs = 0; atMs < 60_000; atMs += 5_000) seen(atMs, atMs % 10_000 === 0 ? 500 : 300);
    expect(lines).toEqual([]);
    for (const atMs of [60_000, 70_000]) seen(atMs, 500);
    for (let atMs = 75_000; atMs < 120_000; atMs += 5_000) seen(atMs, atMs % 10_000 === 0 ? 500 : 300);
    expect(lines).toHaveLength(1);
  });

  it('is cleared when its subject is gone, while alarms of other sources stay', () => {
    alarms.observe('outbox', [{ alarm: 'outbox_age', value: 31 }]);
    seen(0, 500);
    nowMs = 10_000;
    alarms.observe('outbox', [{ alarm: 'outbox_age', value: 41 }]);
    seen(10_000, 500);
    for (const atMs of [20_000, 30_000]) seen(atMs);

    expect(alarms.active()).toMatchObject([{ alarm: 'outbox_age', place: {}, value: 41 }]);
    expect(lines).toHaveLength(3);
  });

  it('is off at a threshold of 0, and at that of the table without a setting', () => {
    for (const atMs of [0, 10_000]) {
      nowMs = atMs;
      alarms.observe('sagas', [
        { alarm: 'saga_age', value: 1e6 },
        { alarm: 'timers_overdue', value: 61 },
        { alarm: 'timers_unadopted', value: 60 },
        { alarm: 'parking_full', value: 1 },
      ]);
    }
    expect(alarms.active()).toMatchObject([
      { alarm: 'timers_overdue', threshold: 60 },
      { alarm: 'parking_full', threshold: 0 },
    ]);
  });
});
