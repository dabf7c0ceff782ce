import { serdes, StreamsBuilder, type Topology } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { doesNotBuild } from './compare/description.ts';
import type { Outcome, RecordsByTopic, WrittenRecord } from './compare/outcome.ts';
import { bytesOf, hexOfBytes, type Step } from './scripts/script.ts';
import type { TopologyCase } from './topologies/topology-case.ts';

export function describeOurs(each: TopologyCase): string {
  try {
    return topologyOf(each).describe();
  } catch (error) {
    return doesNotBuild(wordsOf(error));
  }
}

function topologyOf(each: TopologyCase): Topology {
  const builder = new StreamsBuilder();
  each.build(builder);
  return builder.build();
}

/** Plays the steps under our test driver, up to the first that throws. */
export function playOurs(each: TopologyCase, steps: readonly Step[]): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  try {
    using driver = new TopologyTestDriver(topologyOf(each), {
      applicationId: 'app',
      wallClockMs: 0,
      cacheBytesMax: each.cacheBytesMax,
      onProcessingError: each.skipsFailed === true ? 'skip' : 'fail',
      emitIntervals: { windowedAggregationMs: 0, outerJoinMs: 0 },
    });
    for (const step of steps) {
      play(driver, step);
      outcomes.push({ records: produced(driver), dropped: driver.dropped.length });
    }
  } catch (error) {
    outcomes.push({ records: {}, error: wordsOf(error) });
  }
  return outcomes;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? '') : String(error));

function play(driver: TopologyTestDriver, step: Step): void {
  if ('advanceMs' in step) {
    driver.advanceWallClockTime(step.advanceMs);
    return;
  }
  const headers = step.headers.map(([name, value]) => ({ name, value: bytesOf(value) }));
  driver
    .createInputTopic(step.topic, serdes.bytes, serdes.bytes)
    .pipeInput(bytesOf(step.key), bytesOf(step.value), step.timestampMs, headers);
}

/** Returns the records that were written since the last call. */
function produced(driver: TopologyTestDriver): RecordsByTopic {
  const records: Record<string, readonly WrittenRecord[]> = {};
  for (const topic of driver.producedTopicNames()) {
    const written = driver
      .createOutputTopic(topic, serdes.bytes, serdes.bytes)
      .readRecordsToList()
      .map(({ key, value, timestampMs, headers }) => ({
        key: hexOfBytes(key),
        value: hexOfBytes(value),
        timestampMs,
        headers: headers.map((header) => [header.name, hexOfBytes(header.value)] as const),
      }));
    if (written.length > 0) records[topic] = written;
  }
  return records;
}
