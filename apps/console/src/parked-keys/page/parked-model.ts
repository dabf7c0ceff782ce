import type { ParkedKey } from '../../api/lists.ts';
import { count, roughSpan } from '../../kit/words.ts';

/** Describes what happens next to a parked key, and to the messages that wait for its first one. */
export function whatHappensNext({ parkedAt, retryAt, messages }: ParkedKey, now: number): string {
  const left = Date.parse(retryAt) - now;
  const when = left > 0 ? `in ${roughSpan(left)}` : 'within seconds';
  const next =
    parkedAt === null
      ? `It has been given up: its last attempt is due ${when}. If it fails, the message becomes a dead letter, and the key goes on.`
      : `It is tried again ${when}. If it fails, it waits for its next pause.`;
  if (messages === 1) return next;
  if (messages === 2) return `${next} One other message of this key waits behind it.`;
  return `${next} ${count(messages - 1)} other messages of this key wait behind it.`;
}
