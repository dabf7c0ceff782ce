import {
  consumed,
  grouped,
  joined,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';
import { z } from 'zod';

/** The columns of the stream `user_events`. A `timestamp` that is not a number is refused. */
const userEvent = z.object({ user_id: z.string(), action: z.string(), timestamp: z.int() });
const user = z.object({ name: z.string(), email: z.string() });

export type UserEvent = z.output<typeof userEvent>;
export type User = z.output<typeof user>;
export type EnrichedEvent = Pick<UserEvent, 'user_id' | 'action'> & {
  [Column in keyof User]: User[Column] | null;
};

export const userEvents = serdes.json<UserEvent>(userEvent);
export const users = serdes.json<User>(user);
export const enrichedEvents = serdes.json<EnrichedEvent>();

/** G37: the four statements of the guide, each as the operators that it stands for. */
export function ksqlStatements(): Topology {
  const builder = new StreamsBuilder();
  // CREATE STREAM user_events: its topic's key is not the user_id, so grouping and joining repartition.
  const events = builder.stream('user-events', consumed(serdes.string, userEvents));
  // CREATE STREAM click_events
  const clicks = events.filter((_key, { action }) => action === 'click');
  clicks.to('click_events', produced(serdes.string, userEvents));
  // CREATE TABLE user_click_counts
  clicks
    .groupBy((_key, { user_id }) => user_id, grouped(serdes.string, userEvents))
    .count(materialized('user_click_counts'));
  // CREATE STREAM enriched_events, with a LEFT JOIN
  events
    .selectKey((_key, { user_id }) => user_id)
    .leftJoin(
      builder.table('users', consumed(serdes.string, users)),
      ({ user_id, action }, found): EnrichedEvent => ({
        user_id,
        action,
        ...(found ?? { name: null, email: null }),
      }),
      joined(serdes.string, userEvents),
    )
    .to('enriched_events', produced(serdes.string, enrichedEvents));
  return builder.build();
}
