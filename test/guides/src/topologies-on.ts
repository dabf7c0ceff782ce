import type { Serde, Topology } from '@millrace/streams';
import { until } from '@millrace/testing/within';
import { runTopology } from './run-topology.ts';
import type { StackLog } from './stack-log.ts';

interface Input {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

interface Read<Key, Value> {
  readonly topic: string;
  readonly key: Serde<Key>;
  readonly value: Serde<Value>;
  readonly count: number;
}

/** Plays topologies on a broker whose topics have one partition. */
export const topologiesOn = (log: StackLog) => ({
  async newTopics(...names: readonly string[]): Promise<void> {
    for (const name of names) await log.newTopic(name, 1);
  },

  /** Writes the records, runs the topology, and returns as many committed records as are wanted of each output. */
  async play<Key, Value>(
    topology: Topology,
    inputs: readonly Input[],
    outputs: readonly Read<Key, Value>[],
    applicationId?: string,
  ): Promise<readonly (readonly (readonly [Key | null, Value | null])[])[]> {
    await log.producer.send(inputs);
    await using _app = await runTopology(topology, log.bootstrapServers, applicationId);
    return await Promise.all(
      outputs.map(async ({ topic, key, value, count }) => {
        const records = await until(
          () => log.committed(topic),
          (found) => found.length >= count,
        );
        return records.map((record) => [
          record.key && key.decode(record.key, topic),
          record.value && value.decode(record.value, topic),
        ]);
      }),
    );
  },
});
