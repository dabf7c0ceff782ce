import { describe, expect, it } from '@jest/globals';
import type { ProjectionProgress } from '@millrace/event-sourcing';
import { Registry } from 'prom-client';
import { rebuildWatch } from './rebuild-watch.ts';

describe('the watch of rebuilds', () => {
  it('shows the lag in events and seconds while a rebuild runs, and nothing afterwards', async () => {
    const running = { projection: 'shelf', lagEvents: 7n, lagMs: 1_500 } as ProjectionProgress;
    let progress: readonly ProjectionProgress[] = [running];
    const registry = new Registry();
    const watch = rebuildWatch(registry, { progress: () => Promise.resolve(progress) });
    const shown = async () => {
      expect(await watch.look()).toEqual([]);
      return (await registry.metrics()).split('\n').filter((line) => line.startsWith('millrace_'));
    };
    expect(await shown()).toEqual([
      'millrace_rebuild_lag_events{projection="shelf"} 7',
      'millrace_rebuild_lag_seconds{projection="shelf"} 1.5',
    ]);
    progress = [];
    expect(await shown()).toEqual([]);
  });
});
