import { describe, expect, it } from '@jest/globals';
import type { RelayStatus } from '@millrace/streaming-core/outbox';
import { Registry } from 'prom-client';
import { observeRelay } from './relay-metrics.ts';

const idle: RelayStatus = {
  publishing: true,
  follows: false,
  position: 7n,
  epoch: 1n,
  holder: 'order-1',
  oldestUnpublishedAgeMs: null,
};

/** Returns the samples of one metric after scraping a relay that was in the given states. */
async function scraped(metric: string, states: readonly RelayStatus[]): Promise<readonly string[]> {
  const registry = new Registry();
  const waiting = [...states];
  const relay = { status: () => Promise.resolve(waiting.shift() ?? idle) };
  observeRelay(registry, relay);
  let text = '';
  for (const _ of states) text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(metric));
}

describe("the relay's metrics", () => {
  const blocked = (pid: number | null, ageMs: number | null = 1_500): RelayStatus => ({
    ...idle,
    hole: { position: 8n, blocker: { pid, name: 'psql', ageMs } },
  });

  it('name the backend that blocks the relay at a hole', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="4711",application="psql"} 1.5',
    ]);
    expect(await scraped('millrace_relay_blocker', [blocked(null)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="prepared",application="psql"} 1.5',
    ]);
  });

  it('name that backend even if the database role of the service cannot see its age', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711, null)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="4711",application="psql"} Nan',
    ]);
  });

  it('are current at each scrape, which asks the relay once', async () => {
    const late: RelayStatus = { ...idle, publishing: false, position: 9n, oldestUnpublishedAgeMs: 2_000 };
    expect(await scraped('millrace_relay', [idle, late])).toEqual([
      'millrace_relay_oldest_unpublished_age_seconds 2',
      'millrace_relay_publishing 0',
      'millrace_relay_position 9',
    ]);
  });

  it('no longer name a backend once the relay has passed the hole', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711), idle])).toEqual([]);
  });
});
