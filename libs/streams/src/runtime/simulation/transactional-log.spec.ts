import { describe } from '@jest/globals';
import { systemClock } from '@millrace/streaming-core/runtime';
import { Choices } from './choices.fake.ts';
import { Network } from './network.fake.ts';
import { SimulatedProducer } from './simulated-producer.fake.ts';
import { SimulatedReader } from './simulated-reader.fake.ts';
import { testTransactionalLog } from './transactional-log.suite.ts';
import { TransactionalLog } from './transactional-log.fake.ts';

const clock = systemClock;
const choices = new Choices([]);

describe('the log of the simulation', () => {
  testTransactionalLog(async () => {
    const topic = 'topic';
    const log = new TransactionalLog({
      topics: new Map([[topic, 1]]),
      clock,
      choices,
      transactionTimeoutMs: 10_000,
      isMember: ({ memberId }) => memberId === undefined,
    });
    const network = new Network(clock, choices);
    return {
      topic,
      producer: (transactionalId) => new SimulatedProducer(log, network, transactionalId),
      reader: (isolation) => new SimulatedReader({ log, network, clock, choices, isolation }),
      stableOffsets: (places) => network.call(() => log.stableOffsets(places)),
      deleteBefore: async (place, offset) => log.partition(place).deleteBefore(offset),
      async [Symbol.asyncDispose]() {},
    };
  });
});
