import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type {
  ClosingSource,
  CompensatableOptions,
  Distinct,
  Fresh,
  InformOptions,
  Json,
  Known,
  Mistake,
  PivotOptions,
  ReasonOf,
  Refusable,
  RetriableOptions,
  SaysWhy,
  Unclaimed,
} from './builder-types.ts';
import type { SagaDefinition } from './definition.ts';
import type { Group, RetriableGroup, With, WithStep } from './groups.ts';
import type {
  AfterPath,
  AfterWait,
  BranchOptions,
  Claimed,
  Fails,
  Joins,
  PathThatJoinsOrFails,
  WaitOptions,
} from './paths.ts';

/** The part of a flow before the pivot, with steps that can be undone. `Top` is false inside a path. */
interface Steps<K extends Known, Top extends boolean> {
  readonly retriable: Mistake<'a retriable step comes after the pivot'>;
  /**
   * Adds a step that can be rejected and undone. Its command is sent again after each `timeout`
   * (milliseconds), at most `resends` times; silence after that counts as the rejection
   * `step_timeout`. If the saga fails later, `compensation` is sent until `compensated` arrives.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start).step('room', {
   *   command: ({ trip: { tripId } }) => tripCommands.BookRoom({ tripId }),
   *   accepted: roomEvents.RoomBooked,
   *   result: ({ door }) => door, // later functions get it as results.room
   *   rejected: roomEvents.RoomRefused,
   *   compensation: ({ trip: { tripId } }) => tripCommands.FreeRoom({ tripId }),
   *   compensated: roomEvents.RoomFreed,
   * });
   * ```
   */
  step<
    const Name extends string,
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration = never,
    Compensated extends MessageDeclaration = never,
    Result extends Json = never,
  >(
    name: Refusable<K, Name, Rejected>,
    options: CompensatableOptions<K, K, Name, Accepted, Rejected, Compensated, Result>,
  ): Next<Top, WithStep<K, Name, Accepted, Rejected, Compensated, Result>>;
  /**
   * Adds a step that cannot be refused and needs no undoing, such as a mail. Its command is sent
   * again until it is accepted, unless the saga is compensated meanwhile.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start).inform('mail', {
   *   command: ({ trip: { tripId } }) => tripCommands.MailPlan({ tripId }),
   *   accepted: tripEvents.PlanMailed,
   * });
   * ```
   */
  inform<const Name extends string, Accepted extends MessageDeclaration, Result extends Json = never>(
    name: Fresh<K, Name>,
    options: InformOptions<K, Accepted, Result>,
  ): Next<Top, With<K, Name, Accepted['type'], never, Result>>;
  /**
   * Adds steps whose commands are sent together, at least two. The flow goes on once all are
   * accepted. If one is rejected, those that were accepted are compensated. Throws
   * `invalid_definition` for fewer.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start).parallel((group) =>
   *   group
   *     .step('seat', {
   *       command: ({ trip: { tripId } }) => tripCommands.BookSeat({ tripId }),
   *       accepted: trainEvents.SeatBooked,
   *       rejected: trainEvents.SeatRefused,
   *       compensation: ({ trip: { tripId } }) => tripCommands.FreeSeat({ tripId }),
   *       compensated: trainEvents.SeatFreed,
   *     })
   *     .step('room', {
   *       command: ({ trip: { tripId } }) => tripCommands.BookRoom({ tripId }),
   *       accepted: roomEvents.RoomBooked,
   *       rejected: roomEvents.RoomRefused,
   *       compensation: ({ trip: { tripId } }) => tripCommands.FreeRoom({ tripId }),
   *       compensated: roomEvents.RoomFreed,
   *     }),
   * );
   * ```
   */
  parallel<C extends Known>(build: (group: Group<K, K>) => Group<K, C>): Next<Top, C>;
  /**
   * Takes one of two paths. `when` is asked once, and its answer is stored. Both paths join the
   * flow again, unless a path fails.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start).branch('dear', {
   *   when: ({ trip }) => trip.price > 1_000_00,
   *   then: (path) => path.fail('too_dear'),
   * });
   * ```
   */
  branch<
    const Name extends string,
    Then extends PathThatJoinsOrFails,
    Other extends PathThatJoinsOrFails = Joins<K>,
  >(
    name: Fresh<K, Name>,
    options: BranchOptions<K, Then, PathBefore<K>, Other, PathBefore<Claimed<K, Then>>>,
  ): Next<Top, AfterPath<AfterPath<With<K, Name, never, never, never>, Then>, Other>>;
  /**
   * Waits for a time, in milliseconds. The timer is durable, so a restart does not prolong it.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   * import { hours } from '@millrace/streaming-core/runtime';
   *
   * saga(...start).delay('cool-down', hours(1));
   * ```
   */
  delay<const Name extends string>(
    name: Fresh<K, Name>,
    ms: DurationMs,
  ): Next<Top, With<K, Name, never, never, never>>;
  /**
   * Waits for a message from outside, whose key is the saga's id, for at most `within`
   * milliseconds. A message that comes before the flow does is kept. `refused` is another message,
   * which starts the compensation.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   * import { days } from '@millrace/streaming-core/runtime';
   *
   * saga(...start).waitFor('approval', {
   *   event: tripEvents.TripApproved,
   *   refused: tripEvents.TripDenied,
   *   within: days(2),
   *   timedOut: (late) => late.fail('not_approved'), // (late) => late goes on without it
   * });
   * ```
   */
  waitFor<
    const Name extends string,
    Event extends MessageDeclaration,
    TimedOut extends PathThatJoinsOrFails,
    Refused extends MessageDeclaration = never,
    Result extends Json = never,
  >(
    name: Fresh<K, Name>,
    options: WaitOptions<K, Event, Result, PathBefore<K>, TimedOut> & {
      readonly refused?: Refused & Unclaimed<K, Refused> & Distinct<Refused, Event> & SaysWhy<Refused>;
    },
  ): Next<Top, AfterWait<K, Name, Event['type'] | Refused['type'], ReasonOf<Refused>, Result, TimedOut>>;
}
type Next<Top extends boolean, K extends Known> = Top extends true ? BeforePivot<K> : PathBefore<K>;

/** A path of a branch or a timeout before the pivot. */
interface PathBefore<K extends Known> extends Steps<K, false>, Joins<K> {
  readonly pivot: Mistake<'a pivot stands outside of groups and paths'>;
  /** Compensates the saga for this reason. */
  fail<const Reason extends string>(reason: Reason): Fails<With<K, never, never, Reason, never>>;
}

interface Closing<K extends Known> {
  /**
   * Sets the last command of a compensated saga and the reply that ends it, and completes the
   * definition. The command is sent again until it is accepted. `failure.reason` is one of the
   * reasons that the flow can fail for. Throws `SagaError` (`invalid_definition`) for a definition
   * without steps, or with two parts of one name.
   */
  whenCompensated<Accepted extends MessageDeclaration>(
    command: (source: ClosingSource<K>) => K['commands'],
    options: { readonly accepted: Accepted & Unclaimed<K, Accepted> },
  ): SagaDefinition;
}

export interface BeforePivot<K extends Known> extends Steps<K, true>, Closing<K> {
  /**
   * Adds the point of no return. Once it is accepted, the saga only goes forward. Its command is
   * sent again until a reply arrives. A saga without a pivot can be compensated until its last step
   * is accepted.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start).pivot('confirm', {
   *   command: ({ trip: { tripId } }) => tripCommands.ConfirmTrip({ tripId }),
   *   accepted: tripEvents.TripConfirmed,
   *   rejected: tripEvents.TripSoldOut,
   * });
   * ```
   */
  pivot<
    const Name extends string,
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration = never,
    Result extends Json = never,
  >(
    name: Refusable<K, Name, Rejected>,
    options: PivotOptions<K, Accepted, Rejected, Result>,
  ): AfterPivot<With<K, Name, Accepted['type'] | Rejected['type'], ReasonOf<Rejected>, Result>>;
  /**
   * Sets the message that cancels a running saga. It starts the compensation if the pivot has not
   * been sent; otherwise the pivot's reply decides.
   */
  cancelledBy<Cancel extends MessageDeclaration, const Reason extends string>(
    message: Cancel & Unclaimed<K, Cancel>,
    options: { readonly reason: Reason },
  ): BeforePivot<With<K, never, Cancel['type'], Reason, never>>;
}

/**
 * The part of a flow after the pivot, with steps that cannot fail. Their commands are sent again until
 * they are accepted.
 */
interface RetriableSteps<K extends Known, Top extends boolean> {
  readonly step: Mistake<'nothing is undone after the pivot: use retriable'>;
  readonly inform: Mistake<'inform comes before the pivot: use retriable'>;
  readonly pivot: Mistake<'a saga has one pivot'>;
  /**
   * Adds a step after the pivot, whose command is sent again until it is accepted.
   *
   * @example
   * ```ts
   * import { saga } from '@millrace/saga';
   *
   * saga(...start)
   *   .pivot('confirm', {
   *     command: ({ trip: { tripId } }) => tripCommands.ConfirmTrip({ tripId }),
   *     accepted: tripEvents.TripConfirmed,
   *     rejected: tripEvents.TripSoldOut,
   *   })
   *   .retriable('ticket', {
   *     command: ({ trip: { tripId } }) => tripCommands.SendTicket({ tripId }),
   *     accepted: tripEvents.TicketSent,
   *   });
   * ```
   */
  retriable<const Name extends string, Accepted extends MessageDeclaration, Result extends Json = never>(
    name: Fresh<K, Name>,
    options: RetriableOptions<K, K, Accepted, Result>,
  ): NextAfter<Top, With<K, Name, Accepted['type'], never, Result>>;
  parallel<C extends Known>(build: (group: RetriableGroup<K, K>) => RetriableGroup<K, C>): NextAfter<Top, C>;
  branch<const Name extends string, Then extends Joins<Known>, Other extends Joins<Known> = Joins<K>>(
    name: Fresh<K, Name>,
    options: BranchOptions<K, Then, PathAfter<K>, Other, PathAfter<Claimed<K, Then>>>,
  ): NextAfter<Top, AfterPath<AfterPath<With<K, Name, never, never, never>, Then>, Other>>;
  delay<const Name extends string>(
    name: Fresh<K, Name>,
    ms: DurationMs,
  ): NextAfter<Top, With<K, Name, never, never, never>>;
  waitFor<
    const Name extends string,
    Event extends MessageDeclaration,
    TimedOut extends Joins<Known>,
    Result extends Json = never,
  >(
    name: Fresh<K, Name>,
    options: WaitOptions<K, Event, Result, PathAfter<K>, TimedOut> & {
      readonly refused?: Mistake<'a saga cannot fail after the pivot'>;
    },
  ): NextAfter<Top, AfterWait<K, Name, Event['type'], never, Result, TimedOut>>;
}
type NextAfter<Top extends boolean, K extends Known> = Top extends true ? AfterPivot<K> : PathAfter<K>;

/** A path of a branch or a timeout after the pivot. */
interface PathAfter<K extends Known> extends RetriableSteps<K, false>, Joins<K> {
  readonly fail: Mistake<'a saga cannot fail after the pivot'>;
}

interface AfterPivot<K extends Known> extends RetriableSteps<K, true>, Closing<K> {
  cancelledBy<Cancel extends MessageDeclaration, const Reason extends string>(
    message: Cancel & Unclaimed<K, Cancel>,
    options: { readonly reason: Reason },
  ): AfterPivot<With<K, never, Cancel['type'], Reason, never>>;
}
