import { InvalidInput, withAdmin } from '@millrace/operations/client';
import { randomUUID } from 'node:crypto';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { progressOn, showOutcome } from '../terminal/show.ts';
import { measurePartition, type Measurement } from './measure-partition.ts';

const secondsByDefault = 5;
const bytesByDefault = 1_000;
const growthByDefault = 2;

export const partitions: CommandDefinition = {
  name: 'partitions',
  summary: 'answers how many partitions a topic needs, from a measurement of one partition of this cluster',
  options: [
    { flags: '--rate <count>', meaning: 'messages per second to carry at the peak' },
    { flags: '--bytes <count>', meaning: `size of a message (default: ${bytesByDefault})` },
    {
      flags: '--handler-rate <count>',
      meaning: 'messages per second that one consumer handles, if you know it',
    },
    { flags: '--consumers <count>', meaning: 'consumers that are to share the topic (default: 1)' },
    {
      flags: '--growth <factor>',
      meaning: `room for growth, since the number is fixed with the topic (default: ${growthByDefault})`,
    },
    { flags: '--replicas <count>', meaning: 'replicas of the measured partition' },
    { flags: '--seconds <count>', meaning: `how long to measure (default: ${secondsByDefault})` },
    bootstrapOption,
  ],
  examples: ['partitions --rate 2000 --bytes 500 --handler-rate 400 --consumers 3'],
  async run(call) {
    const { options } = call;
    const rate = options.amount('rate');
    if (rate === undefined) throw new InvalidInput('give the messages per second to carry: --rate COUNT');
    const measured = await measure(call);
    const needs = {
      rate,
      growth: options.amount('growth') ?? growthByDefault,
      ...measured,
      handledPerConsumer: options.amount('handler-rate'),
      consumers: options.count('consumers', 1) ?? 1,
    };
    const answer = neededPartitions(needs);
    const facts =
      `one partition takes ${measured.producedPerPartition} and gives ${measured.consumedPerPartition} ` +
      `messages per second here; ${rate} x ${needs.growth} are needed`;
    showOutcome(
      call,
      { ...answer, ...needs },
      `${answer.partitions} partitions, because of ${reasons[answer.because]}: ${facts}`,
    );
  },
};

const reasons = {
  producing: 'what one partition takes',
  consuming: 'what one partition gives',
  handling: 'what one consumer handles (--handler-rate)',
  consumers: 'the number of consumers',
} as const;

function measure(call: Call): Promise<Measurement> {
  const { options, session } = call;
  const progress = progressOn(session.terminal, 'measuring one partition');
  return withAdmin(clusterOf(call), async (admin) => {
    try {
      return await measurePartition({
        admin,
        cluster: clusterOf(call),
        clock: session.clock,
        topic: `millrace-measurement-${randomUUID().slice(0, 8)}`,
        replicas: options.count('replicas', 1),
        messageBytes: options.count('bytes', 1) ?? bytesByDefault,
        forMs: 1_000 * (options.count('seconds', 1) ?? secondsByDefault),
        signal: session.signal,
        onProgress: progress.show,
      });
    } finally {
      progress.end();
    }
  });
}

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
