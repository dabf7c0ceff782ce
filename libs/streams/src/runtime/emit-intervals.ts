import type { EmitIntervals } from '../processor/node.ts';

/** Kafka Streams' own pauses between two looks for results that have become final. */
export const emitIntervals: EmitIntervals = Object.freeze({
  windowedAggregationMs: 1_000,
  outerJoinMs: 1_000,
});
