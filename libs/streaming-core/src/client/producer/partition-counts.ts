import type { Base } from '@platformatic/kafka';
import { type DurationMs, pause, withDeadline } from '../../runtime/index.ts';
import { backoffDelay } from '../backoff.ts';
import { ClientError, toClientError } from '../client-error.ts';
import type { ConnectionSettings } from '../connection/connection.ts';
import { lookUpTopics } from '../connection/topic-lookup.ts';

interface CountingSettings extends ConnectionSettings {
  readonly unknownTopicTimeoutMs: DurationMs;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
  readonly closing: AbortSignal;
}

/**
 * Resolves to the number of partitions of each topic. Retries after a failure until the deadline,
 * and for an unknown topic only for `unknownTopicTimeoutMs`. At this point nothing has been sent.
 */
export async function partitionCounts(
  client: () => Base,
  topics: readonly string[],
  settings: CountingSettings,
): Promise<ReadonlyMap<string, number>> {
  const { clock, unknownTopicTimeoutMs, deadline, closing } = settings;
  const unknownUntil = Math.min(deadline, clock.monotonic() + unknownTopicTimeoutMs);
  for (let attempt = 0; ; attempt += 1) {
    const counts = await lookUp(client, topics, settings);
    if (!(counts instanceof ClientError)) return counts;
    const limit = counts.code === 'unknown_topic' ? unknownUntil : deadline;
    if (clock.monotonic() >= limit) throw counts;
    await pause(clock, backoffDelay(attempt, settings), closing);
  }
}

async function lookUp(
  client: () => Base,
  topics: readonly string[],
  settings: CountingSettings,
): Promise<ReadonlyMap<string, number> | ClientError> {
  const { clock, closing, deadline } = settings;
  if (closing.aborted) throw new ClientError('closed', 'the producer is closed');
  const late = () =>
    new ClientError('unreachable', `no broker described ${topics.join(', ')} in time: nothing was sent`);
  try {
    const lookup = await withDeadline(
      clock,
      deadline - clock.monotonic(),
      lookUpTopics(client(), settings, topics),
      late,
    );
    if (lookup.unknown.length > 0)
      return new ClientError(
        'unknown_topic',
        `no topic named ${lookup.unknown.join(', ')}: run the setup step (npm start does)`,
      );
    return new Map(
      [...lookup.found].map(([topic, { partitionsCount }]) => [topic, partitionsCount] as const),
    );
  } catch (error) {
    return toClientError(error, 'asking for partitions');
  }
}
