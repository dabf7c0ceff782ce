import { until } from '@millrace/testing/within';
import { silentLogger } from '../../../runtime/index.ts';
import { quickGroup, reach, type Engine } from '../../client.fixture.ts';
import { nameOf } from '../../partition-map.ts';
import { connectConsumer } from './consumer.ts';
import type { ConsumerOptions } from './consumer-settings.ts';
import type { Consumer } from './consumer-types.ts';

export const quickConsumer = (
  engine: Engine,
  options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'groupId'>,
): Consumer =>
  connectConsumer({
    ...reach(engine),
    clientId: options.groupId,
    logger: silentLogger,
    autoOffsetReset: 'earliest',
    ...quickGroup,
    ...options,
  });

/** Runs a loop over the consumer, and keeps `partition:value` of what it has finished. */
export class Reading {
  readonly seen: string[] = [];
  error: unknown;
  readonly done: Promise<void>;

  constructor(
    consumer: Consumer,
    handle: (value: string, partition: number) => Promise<void> | void = () => {},
  ) {
    this.done = this.#run(consumer, handle).catch((error: unknown) => void (this.error = error));
  }

  async #run(consumer: Consumer, handle: (value: string, partition: number) => Promise<void> | void) {
    for await (const { partition, value } of consumer) {
      await handle(`${value}`, partition);
      this.seen.push(`${partition}:${value}`);
    }
  }

  sees(count: number): Promise<string[]> {
    return until(
      () => [...this.seen],
      (seen) => seen.length >= count,
    );
  }
}

export const namesOf = (consumer: Consumer): string[] => consumer.assignment.map(nameOf).sort();

/** Resolves once the consumers have these numbers of partitions, in any order. */
export const assignmentsSettle = (consumers: readonly Consumer[], expected: readonly number[]) =>
  until(
    () => consumers.map(({ assignment }) => assignment.length).sort(),
    (sizes) => JSON.stringify(sizes) === JSON.stringify([...expected].sort()),
  );
