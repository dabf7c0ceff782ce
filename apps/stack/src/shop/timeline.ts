import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { eventsOfOrders } from '@millrace/contracts';
import {
  connectGroupConsumer,
  type ConnectionSecurity,
  type GroupConsumer,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';

export interface LogPlace {
  /** `host:port`, several separated by commas. */
  readonly bootstrapServers: string;
  readonly security: ConnectionSecurity;
}

export interface Timeline {
  /** Prints the events of this order from now on, and those that were already seen. */
  follow(orderId: string, title: string): void;
  stop(): Promise<void>;
}

type Position = TopicPartition & { readonly offset: bigint };

const eventsKeptMax = 10_000;
const retryDelayMs = 500;

/**
 * Reads the event topics from their current ends without joining a group, and prints what happens
 * to the orders that it follows.
 */
export async function followTimeline(
  { bootstrapServers, security }: LogPlace,
  print: (line: string) => void,
  logger: Logger,
): Promise<Timeline> {
  const consumer = connectGroupConsumer({
    bootstrapServers: bootstrapServers.split(','),
    security,
    clientId: 'millrace-timeline',
    groupId: 'millrace-timeline',
    topics: eventsOfOrders.map(({ name }) => name),
    fetchMaxWaitMs: 250,
    logger,
  });
  const partitions = eventsOfOrders.flatMap(({ name, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => ({ topic: name, partition })),
  );
  let positions: readonly Position[] = await consumer.endOffsets(partitions);
  const titles = new Map<string, { prefix: string; startedAt: number }>();
  const early: { orderId: string; type: string }[] = [];
  let stopped = false;

  const show = (orderId: string, type: string) => {
    const followed = titles.get(orderId);
    if (followed === undefined) return void (early.length < eventsKeptMax && early.push({ orderId, type }));
    const ms = String(Math.round(performance.now() - followed.startedAt)).padStart(6);
    print(`${followed.prefix} ${ms} ms  ${type}`);
  };

  const reading = (async () => {
    while (!stopped)
      try {
        positions = await readOn(consumer, positions, show);
      } catch (error) {
        if (stopped) return;
        logger.warn({}, `the timeline cannot read the log and tries again: ${(error as Error).message}`);
        await sleep(retryDelayMs);
      }
  })();

  return {
    follow(orderId, title) {
      titles.set(orderId, {
        prefix: timelinePrefix(orderId, title, titles.size),
        startedAt: performance.now(),
      });
      for (const event of early.filter((seen) => seen.orderId === orderId)) show(event.orderId, event.type);
    },
    async stop() {
      stopped = true;
      await consumer.close();
      await reading;
    },
  };
}

const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red'] as const;
const titleWidth = 28;

/**
 * Returns the column that tells the orders' lines apart, with the same width for each and in a
 * colour of its own.
 */
export const timelinePrefix = (orderId: string, title: string, index: number): string =>
  styleText(colours[index % colours.length] ?? 'cyan', `${orderId.slice(-8)} ${title.padEnd(titleWidth)} |`);

async function readOn(
  consumer: GroupConsumer,
  positions: readonly Position[],
  show: (orderId: string, type: string) => void,
): Promise<readonly Position[]> {
  const answers = await consumer.fetch(positions);
  for (const record of answers.flatMap((answer) => answer.records))
    show(record.key?.toString('utf8') ?? '', record.headers.get('ce_type') ?? '');
  const next = new Map(answers.map((answer) => [`${answer.topic}/${answer.partition}`, answer.nextOffset]));
  return positions.map((position) => ({
    ...position,
    offset: next.get(`${position.topic}/${position.partition}`) ?? position.offset,
  }));
}
