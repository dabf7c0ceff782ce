import { deepStrictEqual } from 'node:assert';
import { foldEvents, type DomainEvent, type Folding } from '@millrace/event-sourcing';

/**
 * Takes a snapshot of a domain's state after each of the events and continues from it. A property
 * test feeds it with any events.
 * It throws node's `AssertionError` if continuing from a snapshot leads to another state than the
 * fold of all events, compared byte by byte, or if the state has taken something from the
 * `personal` part of an event. A snapshot must not hold that, since it is not erased with its
 * subject. It throws `EventStoreError` for a state that JSON cannot hold exactly.
 */
export function assertSnapshotsFit<Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  events: readonly Event[],
): void {
  const schema = decider.snapshots;
  if (schema === undefined) throw new TypeError('the decider declares no snapshots');
  const whole = foldEvents(decider, events);
  for (let taken = 0; taken <= events.length; taken++) {
    const before = foldEvents(decider, events.slice(0, taken));
    const restored: State = schema.fromJson(JSON.parse(schema.toJson(before)));
    const goneOn: State = foldEvents(decider, events.slice(taken), restored);
    deepStrictEqual(goneOn, whole, `from a snapshot at version ${taken}`);
    deepStrictEqual(JSON.stringify(goneOn), JSON.stringify(whole), 'the keys have another order');
  }
  const impersonal = events.map((event) =>
    event.personal === undefined ? event : { ...event, personal: {} },
  );
  deepStrictEqual(foldEvents(decider, impersonal), whole, 'the state holds something of `personal`');
}
