import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createMessagingMetrics, type MessagingMetrics } from './messaging-metrics.ts';

describe("the metrics of a service's messages", () => {
  let registry: Registry;
  let metrics: MessagingMetrics;

  beforeEach(() => {
    registry = new Registry();
    metrics = createMessagingMetrics(registry);
    const at = { topic: 'order-events', partition: 0 };
    metrics.observeGroup({
      group: 'order',
      partitions: () => [
        { ...at, state: 'open' },
        { ...at, partition: 1, state: 'refused' },
        { ...at, partition: 2, state: 'blocked' },
      ],
    });
    metrics.observeGroup({ group: 'order-projector', partitions: () => [] });
    metrics.observeClient('order-relay');
  });
  afterEach(() => metrics.stop());

  const lines = async (start: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(start));

  it('count the messages that its groups handle or find erased, and measure their age when handled', async () => {
    const report = {
      topic: 'order-events',
      partition: 0,
      durationMs: 20,
      handled: 2,
      duplicates: 1,
      dead: 0,
      erased: 3,
      endToEndMs: [100, 300],
    };
    for (const group of ['order', 'order-projector', 'inventory'])
      channel('millrace.consumer.batch').publish({ ...report, group });

    expect(await lines('millrace_consumer_messages_handled_total')).toEqual([
      'millrace_consumer_messages_handled_total{group="order",topic="order-events"} 2',
      'millrace_consumer_messages_handled_total{group="order-projector",topic="order-events"} 2',
    ]);
    expect(await lines('millrace_messages_erased_total{group="order",')).toEqual([
      'millrace_messages_erased_total{group="order",topic="order-events"} 3',
    ]);
    expect(await lines('millrace_end_to_end_duration_seconds_sum{group="order",')).toEqual([
      'millrace_end_to_end_duration_seconds_sum{group="order",topic="order-events"} 0.4',
    ]);
  });

  it('count dead letters by their reason', async () => {
    for (const reason of ['malformed', 'malformed', 'terminal'])
      channel('millrace.consumer.dead-letter').publish({ group: 'order', topic: 'order-commands', reason });

    expect(await lines('millrace_consumer_dead_letters_total')).toEqual([
      'millrace_consumer_dead_letters_total{group="order",topic="order-commands",reason="malformed"} 2',
      'millrace_consumer_dead_letters_total{group="order",topic="order-commands",reason="terminal"} 1',
    ]);
  });

  it('show the partitions of this process, and those that are stalled', async () => {
    expect(await lines('millrace_consumer_partitions_')).toEqual([
      'millrace_consumer_partitions_owned{group="order"} 3',
      'millrace_consumer_partitions_owned{group="order-projector"} 0',
      'millrace_consumer_partitions_refused{group="order"} 1',
      'millrace_consumer_partitions_refused{group="order-projector"} 0',
      'millrace_consumer_partitions_without_room{group="order"} 0',
      'millrace_consumer_partitions_without_room{group="order-projector"} 0',
      'millrace_consumer_partitions_blocked{group="order"} 1',
      'millrace_consumer_partitions_blocked{group="order-projector"} 0',
    ]);
  });

  it('count a sent message only once it is acknowledged', async () => {
    const sent = { clientId: 'order-relay', topic: 'order-events', records: 3, bytes: 900, durationMs: 10 };
    for (const report of [sent, { ...sent, clientId: 'stranger' }, { ...sent, error: 'timeout' }])
      channel('millrace.client.sent').publish(report);

    expect(await lines('messaging_client_sent_')).toEqual([
      'messaging_client_sent_messages_total{messaging_destination_name="order-events"} 3',
      'messaging_client_sent_bytes_total{messaging_destination_name="order-events"} 900',
    ]);
    expect(await lines('messaging_client_operation_duration_seconds_count')).toEqual([
      'messaging_client_operation_duration_seconds_count{messaging_operation_name="send",messaging_destination_name="order-events"} 1',
      'messaging_client_operation_duration_seconds_count{messaging_operation_name="send",messaging_destination_name="order-events",error_type="timeout"} 1',
    ]);
  });

  it('ignore reports once the service has stopped', async () => {
    metrics.stop();
    channel('millrace.consumer.failed').publish({ group: 'order', topic: 'order-events' });

    expect(await lines('millrace_consumer_failures_total')).toEqual([]);
  });
});
