import { declareDeadLetters, type TopicDeclaration } from '@millrace/streaming-core/contract';
import { outboxRetentionMsByDefault } from '@millrace/streaming-core/outbox';
import { days, type DurationMs } from '@millrace/streaming-core/runtime';
import { ServiceError } from '../errors.ts';

interface Need {
  readonly ms: DurationMs;
  readonly why: string;
}

/**
 * How long a service's inbox remembers what was handled. Throws `inbox_retention_too_short` where a message could come again after that, and
 * would have its effect twice: a topic keeps it for its retention, which begins anew when the outbox of its sender publishes it once
 * more, and an operator may send a dead letter again for as long as it is kept.
 *
 * No inbox outlasts a topic that keeps messages for ever. There it is the offsets alone that keep old messages from being read again: they
 * are rows of the same database, and never reset.
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
              (againMs > 0 ? `, and it may be published again for ${inDays(againMs)} days before` : ''),
          },
        ];
  return [...kept(topic, outboxRetentionMsByDefault), ...kept(deadLetters, 0)];
}

const inDays = (ms: DurationMs): number => Math.ceil(ms / days(1));
