import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createStreamsMetrics, type StreamsMetrics } from './streams-metrics.ts';

let registry: Registry;
let metrics: StreamsMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = createStreamsMetrics(registry);
  metrics.observe('words');
});
afterEach(() => metrics.stop());

const report = (name: string, message: object) =>
  channel(`millrace:streams:${name}`).publish({ applicationId: 'words', ...message });

/** The lines of a scrape that have a value other than 0, without help and buckets. */
const scraped = async () =>
  (await registry.metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket'));

describe('the metrics of stream applications', () => {
  it('count records, commits and commits that were given up', async () => {
    report('process', { records: 5, latencyMs: 4 });
    report('process', { records: 7, latencyMs: 6 });
    report('commit', { tasks: 2, latencyMs: 20 });
    report('abort', { error: new Error('fenced') });

    expect(await scraped()).toEqual(
      expect.arrayContaining([
        'millrace_streams_process_records_total{application="words"} 12',
        'millrace_streams_process_latency_seconds_sum{application="words"} 0.01',
        'millrace_streams_commit_latency_seconds_sum{application="words"} 0.02',
        'millrace_streams_commit_latency_seconds_count{application="words"} 1',
        'millrace_streams_transactions_aborted_total{application="words"} 1',
      ]),
    );
  });

  it('count dropped records by reason, and the late ones among them', async () => {
    report('dropped', { task: '0_0', reason: 'null_key' });
    report('dropped', { task: '0_0', reason: 'late' });
    report('dropped', { task: '0_1', reason: 'late' });

    expect(await scraped()).toEqual(
      expect.arrayContaining([
        'millrace_streams_dropped_records_total{application="words",reason="null_key"} 1',
        'millrace_streams_dropped_records_total{application="words",reason="late"} 2',
        'millrace_streams_late_records_total{application="words"} 2',
      ]),
    );
  });

  it('show the records to restore, and the tasks', async () => {
    report('restore', { remainingRecords: 900 });
    report('restore', { remainingRecords: 400 });
    report('state', { state: 'running', tasks: 3 });

    expect(metrics.remainingRecords('words')).toBe(400);
    expect(await scraped()).toEqual(
      expect.arrayContaining([
        'millrace_streams_restore_remaining_records{application="words"} 400',
        'millrace_streams_task_count{application="words"} 3',
      ]),
    );
  });

  it("show the size of each task's state and the age of its records, until the task moves away", async () => {
    report('tasks', {
      tasks: [
        { task: '0_0', storeBytes: 4_096, streamTimeLagMs: 1_500 },
        { task: '0_1', storeBytes: 8_192, streamTimeLagMs: undefined },
      ],
    });
    const before = await scraped();
    report('tasks', { tasks: [{ task: '0_1', storeBytes: 8_192, streamTimeLagMs: -20 }] });
    const after = (await scraped()).filter((line) => line.includes('task='));

    expect(before).toEqual(
      expect.arrayContaining([
        'millrace_streams_store_bytes{application="words",task="0_0"} 4096',
        'millrace_streams_store_bytes{application="words",task="0_1"} 8192',
        'millrace_streams_stream_time_lag_seconds{application="words",task="0_0"} 1.5',
      ]),
    );
    expect(after).toEqual([
      'millrace_streams_store_bytes{application="words",task="0_1"} 8192',
      'millrace_streams_stream_time_lag_seconds{application="words",task="0_1"} -0.02',
    ]);
  });

  it('leave out the applications of other services, and all after the stop', async () => {
    report('process', { applicationId: 'other', records: 5, latencyMs: 4 });
    metrics.stop();
    report('process', { records: 5, latencyMs: 4 });

    expect(metrics.remainingRecords('other')).toBe(0);
    expect(await scraped()).toEqual([]);
  });
});
