import type { ProducerOptions } from './producer-settings.ts';

/**
 * Options for `connectProducer` by purpose, as guides to Kafka recommend them. Spread one before
 * the options of your own. `highThroughput` and `lowLatency` trust the leader alone, so records can
 * be lost with it; `throughput` and `latency` keep the default, which is safe.
 */
export const producerPresets = {
  noDataLoss: { acks: 'all' },
  highThroughput: { acks: 1, batchBytesMax: 65_536, lingerMs: 5 },
  lowLatency: { acks: 1, lingerMs: 0 },
  general: {
    acks: 'all',
    retries: 3,
    batchBytesMax: 16_384,
    lingerMs: 10,
    compression: 'gzip',
    idempotence: true,
  },
  throughput: { batchBytesMax: 32_768, lingerMs: 100 },
  latency: { batchBytesMax: 1, lingerMs: 0 },
} as const satisfies Readonly<Record<string, Partial<ProducerOptions>>>;

/** Options for `connectTransactionalProducer`, for results that are written exactly once. */
export const exactlyOnce = <Id extends string>(transactionalId: Id) => ({
  idempotence: true as const,
  transactionalId,
});

/** The topic settings that belong to a preset. The broker enforces them, not the producer. */
export const topicPresets = {
  noDataLoss: { 'min.insync.replicas': '2' },
} as const;
