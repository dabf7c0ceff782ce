import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type {
  Adding,
  ClosingSource,
  CompensatableOptions,
  Distinct,
  Facts,
  Failed,
  Fresh,
  InformOptions,
  Json,
  Known,
  Mistake,
  Perhaps,
  PivotOptions,
  ReasonOf,
  Received,
  ResultOf,
  RetriableOptions,
  SaysWhy,
  Unclaimed,
} from './builder-types.ts';
import type { SagaDefinition } from './definition.ts';
import type { Group, known, RetriableGroup, With, WithStep } from './groups.ts';

declare const ends: unique symbol;

/** A path that joins the flow again after its last step. */
interface Joins<K extends Known> {
  readonly [known]: K;
  readonly [ends]: false;
}
/** A path that ends in `fail`. */
interface Fails<K extends Known> {
  readonly [known]: K;
  readonly [ends]: true;
}
/** What a path returns. The compiler's message contains this name if a path returns something else. */
type PathThatJoinsOrFails = Joins<Known> | Fails<Known>;
/** What is known once the flow goes on after a path that may have been taken. */
type AfterPath<K extends Known, P extends PathThatJoinsOrFails> =
  P extends Fails<Known> ? Failed<K, P[typeof known]> : Perhaps<K, P[typeof known]>;
/** The types that the second path of a branch must respect: nothing is claimed twice. */
type Claimed<K extends Known, P extends PathThatJoinsOrFails> = Failed<K, P[typeof known]>;

interface WaitOptions<
  K extends Known,
  Event extends MessageDeclaration,
  Result extends Json,
  Inner,
  TimedOut extends PathThatJoinsOrFails,
> {
  /** The message from outside. Its key is the saga's id. It may come before the saga waits for it. */
  readonly event: Event & Unclaimed<K, Event>;
  /** Chooses what later commands need from the message. */
  readonly result?: (event: Received<Event>) => Result;
  /** How long the saga waits, from the moment when the flow comes to the wait. */
  readonly within: DurationMs;
  /**
   * The path that is taken if the message does not come in time. `(late) => late.fail(reason)`
   * compensates, before the pivot only. `(late) => late` goes on without the message, and
   * `(late) => late.step(...)` first does something else; the result of the wait is then optional.
   */
  readonly timedOut: (path: Inner) => TimedOut;
  readonly rejected?: Mistake<'a wait has refused instead of rejected'>;
}
/** The result of a wait is certain only if its timeout fails. */
type AfterWait<
  K extends Known,
  Name extends string,
  Event extends string,
  Reasons extends string,
  Result,
  TimedOut extends PathThatJoinsOrFails,
> = AfterPath<
  Adding<
    K,
    {
      readonly names: Name;
      readonly replies: Event;
      readonly reasons: Reasons;
      readonly results: TimedOut extends Fails<Known>
        ? ResultOf<Name, Result>
        : Partial<ResultOf<Name, Result>>;
    }
  >,
  TimedOut
>;

interface BranchOptions<
  K extends Known,
  Then extends PathThatJoinsOrFails,
  Inner,
  Other extends PathThatJoinsOrFails,
  OtherInner,
> {
  /** Decides over the start message and the results so far. It is pure, and asked once. */
  when(facts: Facts<K>): boolean;
  readonly then: (path: Inner) => Then;
  readonly otherwise?: (path: OtherInner) => Other;
}

/** The part of a flow before the pivot, with steps that can be undone. `Top` is false inside a path. */
interface Steps<K extends Known, Top extends boolean> {
  readonly retriable: Mistake<'a retriable step comes after the pivot'>;
  /** Adds a step that can be undone. */
  step<
    const Name extends string,
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration,
    Compensated extends MessageDeclaration,
    Result extends Json = never,
  >(
    name: Fresh<K, Name>,
    options: CompensatableOptions<K, K, Name, Accepted, Rejected, Compensated, Result>,
  ): Next<Top, WithStep<K, Name, Accepted, Rejected, Compensated, Result>>;
  /**
   * Adds a step that cannot be refused and needs no undoing, such as a mail. Its command is sent again
   * until it is accepted, unless the saga is compensated meanwhile.
   */
  inform<const Name extends string, Accepted extends MessageDeclaration, Result extends Json = never>(
    name: Fresh<K, Name>,
    options: InformOptions<K, Accepted, Result>,
  ): Next<Top, With<K, Name, Accepted['type'], never, Result>>;
  /** Adds steps that are sent together, at least two. The flow goes on once all are accepted. */
  parallel<C extends Known>(build: (group: Group<K, K>) => Group<K, C>): Next<Top, C>;
  /** Takes one of two paths. Both join the flow again, unless a path fails. */
  branch<
    const Name extends string,
    Then extends PathThatJoinsOrFails,
    Other extends PathThatJoinsOrFails = Joins<K>,
  >(
    name: Fresh<K, Name>,
    options: BranchOptions<K, Then, PathBefore<K>, Other, PathBefore<Claimed<K, Then>>>,
  ): Next<Top, AfterPath<AfterPath<With<K, Name, never, never, never>, Then>, Other>>;
  /** Waits for a time. */
  delay<const Name extends string>(
    name: Fresh<K, Name>,
    ms: DurationMs,
  ): Next<Top, With<K, Name, never, never, never>>;
  /** Waits for a message from outside. `refused` is another message, which starts the compensation. */
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
   * Sets the last command of a compensated saga and the reply that ends the saga. Completes the
   * definition.
   */
  whenCompensated<Accepted extends MessageDeclaration>(
    command: (source: ClosingSource<K>) => K['commands'],
    options: { readonly accepted: Accepted & Unclaimed<K, Accepted> },
  ): SagaDefinition;
}

export interface BeforePivot<K extends Known> extends Steps<K, true>, Closing<K> {
  /**
   * Adds the point of no return. Once it is accepted, the saga only goes forward. A saga without a
   * pivot can be compensated until its last step is accepted.
   */
  pivot<
    const Name extends string,
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration,
    Result extends Json = never,
  >(
    name: Fresh<K, Name>,
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
