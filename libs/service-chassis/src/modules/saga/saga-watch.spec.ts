import { channel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import type { SagaFigures } from '@millrace/saga';
import type { Queryable } from '@millrace/streaming-core/postgres';
import { Registry } from 'prom-client';
import { processFigures, type OperatedProcess, type ProcessInstance } from './operated-processes.ts';
import { sagaWatch } from './saga-watch.ts';

const figures: SagaFigures = {
  live: [{ definition: 'fulfillment', status: 'running', instances: 7, oldestAgeMs: 90_000 }],
  needAttention: [{ definition: 'fulfillment', instances: 2 }],
  steps: [{ definition: 'fulfillment', step: 'ship', oldestAgeMs: 80_000 }],
  commands: [{ definition: 'fulfillment', step: 'pay', oldestAgeMs: 70_000 }],
  timers: { overdue: 3, oldestOverdueMs: 61_000, unadopted: 5, oldestUnadoptedMs: 62_000 },
};

const at = (seconds: number) => Date.UTC(2026, 10, 26) + seconds * 1_000;
const text = (seconds: number) => new Date(at(seconds)).toISOString();
const eaten = (id: string, startedAt: string, ...waitsFor: readonly string[]): ProcessInstance => ({
  id,
  status: 'running',
  reason: null,
  waitsFor: waitsFor.map((since) => ({ step: 'cook', message: 'MealCooked', since })),
  startedAt,
  updatedAt: startedAt,
});
const meal: OperatedProcess = {
  name: 'meal',
  instances: {
    one: () => Promise.resolve(undefined),
    open: () => Promise.resolve([eaten('1', text(10), text(40)), eaten('2', text(20), text(30))]),
  },
};
const nowhere: Queryable = { query: () => Promise.reject(new Error('the process reads nothing')) };

describe('the watch of sagas', () => {
  const registry = new Registry();
  const watch = sagaWatch({
    registry,
    figures: () => Promise.resolve(figures),
    processes: async () => [await processFigures(nowhere, meal, at(100))],
    unknownVersions: () => Promise.resolve([{ definition: 'fulfillment', version: 2, instances: 4 }]),
  });
  const lines = async (start: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(start));

  it('S22 shows live sagas and timed processes by status, those that need attention or have an unknown version, and late timers, with a reading for each alarm', async () => {
    const readings = await watch.look();

    expect(await lines('millrace_sagas_')).toEqual([
      'millrace_sagas_live{definition="fulfillment",status="running"} 7',
      'millrace_sagas_live{definition="meal",status="running"} 2',
      'millrace_sagas_oldest_age_seconds{definition="fulfillment",status="running"} 90',
      'millrace_sagas_oldest_age_seconds{definition="meal",status="running"} 90',
      'millrace_sagas_need_attention{definition="fulfillment"} 2',
      'millrace_sagas_unknown_version{definition="fulfillment",version="2"} 4',
    ]);
    expect(await lines('millrace_saga_step_oldest_')).toEqual([
      'millrace_saga_step_oldest_age_seconds{definition="fulfillment",step="ship"} 80',
    ]);
    expect(await lines('millrace_saga_commands_oldest_')).toEqual([
      'millrace_saga_commands_oldest_age_seconds{definition="fulfillment",step="pay"} 70',
      'millrace_saga_commands_oldest_age_seconds{definition="meal",step="cook"} 70',
    ]);
    expect(await lines('millrace_saga_timers_')).toEqual([
      'millrace_saga_timers_overdue 3',
      'millrace_saga_timers_oldest_overdue_seconds 61',
      'millrace_saga_timers_unadopted 5',
      'millrace_saga_timers_oldest_unadopted_seconds 62',
    ]);
    expect(readings).toEqual([
      { alarm: 'saga_age', place: { definition: 'fulfillment' }, value: 70 },
      { alarm: 'saga_age', place: { definition: 'meal' }, value: 70 },
      { alarm: 'timers_overdue', value: 61 },
      { alarm: 'timers_unadopted', value: 62 },
      { alarm: 'sagas_need_attention', place: { definition: 'fulfillment' }, value: 2 },
      {
        alarm: 'saga_version_unknown',
        place: { definition: 'fulfillment', kind: 'version 2' },
        value: 4,
      },
    ]);
  });

  it('counts starts and re-sends and measures durations until it is stopped', async () => {
    const tell = () => {
      channel('millrace.saga.started').publish({ definition: 'fulfillment' });
      channel('millrace.saga.ended').publish({
        definition: 'fulfillment',
        outcome: 'completed',
        durationMs: 1_500,
      });
      const command = { definition: 'fulfillment', step: 'pay', role: 'compensation' };
      channel('millrace.saga.replied').publish({ ...command, durationMs: 250 });
      channel('millrace.saga.resent').publish(command);
    };
    tell();
    watch.stop?.();
    tell();

    expect(await lines('millrace_sagas_started_total')).toEqual([
      'millrace_sagas_started_total{definition="fulfillment"} 1',
    ]);
    expect(await lines('millrace_saga_duration_seconds_sum')).toEqual([
      'millrace_saga_duration_seconds_sum{definition="fulfillment",outcome="completed"} 1.5',
    ]);
    const labels = '{definition="fulfillment",step="pay",role="compensation"}';
    expect(await lines('millrace_saga_step_duration_seconds_sum')).toEqual([
      `millrace_saga_step_duration_seconds_sum${labels} 0.25`,
    ]);
    expect(await lines('millrace_saga_commands_resent_total')).toEqual([
      `millrace_saga_commands_resent_total${labels} 1`,
    ]);
  });
});
