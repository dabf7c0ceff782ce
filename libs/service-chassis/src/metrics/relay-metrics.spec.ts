import { describe, expect, it } from '@jest/globals';
import type { RelayStatus } from '@millrace/streaming-core/outbox';
import { Registry } from 'prom-client';
import { observeRelay } from './relay-metrics.ts';

const idle: RelayStatus = {
  publishing: true,
  position: 7n,
  epoch: 1n,
  holder: 'order-1',
  oldestUnpublishedAgeMs: null,
};

/** The samples of one metric after a scrape of a relay that is in the given state. */
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

  it('name the backend that holds the relay up at a hole', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="4711",application="psql"} 1.5',
    ]);
    expect(await scraped('millrace_relay_blocker', [blocked(null)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="prepared",application="psql"} 1.5',
    ]);
  });

  it('name it also where its age is hidden from the role of the service', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711, null)])).toEqual([
      'millrace_relay_blocker_age_seconds{pid="4711",application="psql"} Nan',
    ]);
  });

  it('are those of the moment of the scrape, for which the relay is asked once', async () => {
    const late: RelayStatus = { ...idle, publishing: false, position: 9n, oldestUnpublishedAgeMs: 2_000 };
    expect(await scraped('millrace_relay', [idle, late])).toEqual([
      'millrace_relay_oldest_unpublished_age_seconds 2',
      'millrace_relay_publishing 0',
      'millrace_relay_position 9',
    ]);
  });

  it('name nobody any more once the hole is passed', async () => {
    expect(await scraped('millrace_relay_blocker', [blocked(4711), idle])).toEqual([]);
  });
});
