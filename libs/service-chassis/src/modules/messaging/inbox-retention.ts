import { declareDeadLetters, type TopicDeclaration } from '@millrace/streaming-core/contract';
import { outboxRetentionMsByDefault } from '@millrace/streaming-core/outbox';
import { days, type DurationMs } from '@millrace/streaming-core/runtime';
import { ServiceError } from '../../ground/errors.ts';

interface Need {
  readonly ms: DurationMs;
  readonly why: string;
}

/**
 * Returns how long a service's inbox remembers handled messages. Throws `inbox_retention_too_short`
 * if a message could arrive again after that and take effect twice:
 * - A topic keeps a message for its retention, which starts again when the sender's outbox
 *   publishes the message once more.
 * - An operator may resend a dead letter for as long as it is kept.
 *
 * No inbox outlasts a topic with unlimited retention. There, only the offsets prevent old messages
 * from being read again: they are rows of the same database and are never reset.
 */
export function inboxRetentionMs(retentionDays: number, topics: readonly TopicDeclaration[]): DurationMs {
  const retentionMs = days(retentionDays);
  const [longest] = topics.flatMap(needsOf).toSorted((one, other) => other.ms - one.ms);
  if (longest !== undefined && retentionMs < longest.ms)
    throw new ServiceError(
      'inbox_retention_too_short',
      `INBOX_RETENTION_DAYS=${retentionDays} is too short: ${longest.why}. Set it to ${inDays(longest.ms)} or more`,
    );
  return retentionMs;
}

function needsOf(topic: TopicDeclaration): readonly Need[] {
  const deadLetters = declareDeadLetters(topic);
  const kept = ({ name, retention }: TopicDeclaration, againMs: DurationMs): readonly Need[] =>
    retention === 'unlimited'
      ? []
      : [
          {
            ms: retention + againMs,
            why:
              `${name} keeps a message for ${inDays(retention)} days` +
              (againMs > 0 ? `, and its sender may publish it again within ${inDays(againMs)} days` : ''),
          },
        ];
  return [...kept(topic, outboxRetentionMsByDefault), ...kept(deadLetters, 0)];
}

const inDays = (ms: DurationMs): number => Math.ceil(ms / days(1));
