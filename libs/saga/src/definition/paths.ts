import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type {
  Adding,
  Facts,
  Failed,
  Json,
  Known,
  Mistake,
  Perhaps,
  Received,
  ResultOf,
  Unclaimed,
} from './builder-types.ts';
import type { known } from './groups.ts';

declare const ends: unique symbol;

/** A path that joins the flow again after its last step. */
export interface Joins<K extends Known> {
  readonly [known]: K;
  readonly [ends]: false;
}
/** A path that ends in `fail`. */
export interface Fails<K extends Known> {
  readonly [known]: K;
  readonly [ends]: true;
}
/**
 * The result of a path. The compiler's message contains this name if a path returns something else.
 */
export type PathThatJoinsOrFails = Joins<Known> | Fails<Known>;
/** The knowledge after a path that may have been taken. */
export type AfterPath<K extends Known, P extends PathThatJoinsOrFails> =
  P extends Fails<Known> ? Failed<K, P[typeof known]> : Perhaps<K, P[typeof known]>;
/** The knowledge for the second path of a branch, so that nothing is claimed twice. */
export type Claimed<K extends Known, P extends PathThatJoinsOrFails> = Failed<K, P[typeof known]>;

export interface WaitOptions<
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
   * The path that is taken if the message does not arrive in time. `(late) => late.fail(reason)`
   * compensates, before the pivot only. `(late) => late` continues without the message, and `(late)
   * => late.step(...)` first does something else; the result of the wait is then optional.
   */
  readonly timedOut: (path: Inner) => TimedOut;
  readonly rejected?: Mistake<'a wait has refused instead of rejected'>;
}
/** The result of a wait is certain only if its timeout fails. */
export type AfterWait<
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

export interface BranchOptions<
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
