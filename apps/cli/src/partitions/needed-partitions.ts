/** The load of a topic and the capacity of one partition. All rates are messages per second. */
export interface PartitionNeeds {
  /** The highest rate that is expected today. */
  readonly rate: number;
  /** The factor by which the rate may grow before a new topic is made. */
  readonly growth: number;
  readonly producedPerPartition: number;
  readonly consumedPerPartition: number;
  /** The rate at which one consumer handles messages, if it is known. */
  readonly handledPerConsumer?: number;
  /** The number of consumers that are to share the topic, at least. */
  readonly consumers: number;
}

export interface PartitionAnswer {
  readonly partitions: number;
  /** The need that takes the most partitions. */
  readonly because: 'producing' | 'consuming' | 'handling' | 'consumers';
}

/**
 * Returns max(consumers, rate / rate of one partition), rounded up. A partition is read by one
 * consumer of a group, so it carries no more than that consumer handles.
 */
export function neededPartitions(needs: PartitionNeeds): PartitionAnswer {
  const rate = needs.rate * needs.growth;
  const answers: readonly PartitionAnswer[] = [
    { partitions: Math.max(1, needs.consumers), because: 'consumers' },
    { partitions: Math.ceil(rate / needs.producedPerPartition), because: 'producing' },
    { partitions: Math.ceil(rate / needs.consumedPerPartition), because: 'consuming' },
    {
      partitions: needs.handledPerConsumer === undefined ? 1 : Math.ceil(rate / needs.handledPerConsumer),
      because: 'handling',
    },
  ];
  return answers.reduce((most, one) => (one.partitions > most.partitions ? one : most));
}
