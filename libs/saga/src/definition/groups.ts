import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type {
  Adding,
  CompensatableOptions,
  Fresh,
  Json,
  Known,
  Mistake,
  ReasonOf,
  Refusable,
  ResultOf,
  RetriableOptions,
} from './builder-types.ts';

/** Holds the types that a part of a definition has declared. No value has it. */
export declare const known: unique symbol;

/** The knowledge after a part of the flow that adds a result, replies and reasons. */
export type With<
  K extends Known,
  Name extends string,
  Replies extends string,
  Reasons extends string,
  Result,
> = Adding<
  K,
  {
    readonly names: Name;
    readonly replies: Replies;
    readonly reasons: Reasons;
    readonly results: ResultOf<Name, Result>;
  }
>;

/** The knowledge after a step that can be undone. */
export type WithStep<
  K extends Known,
  Name extends string,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
  Compensated extends MessageDeclaration,
  Result,
> = With<
  K,
  Name,
  Accepted['type'] | Rejected['type'] | Compensated['type'],
  ReasonOf<Rejected> | 'step_timeout',
  Result
>;

/**
 * Makes the compiler reject parts that are not allowed in a group, before the pivot or after it.
 */
interface OutsideOfGroups {
  readonly waitFor: Mistake<'put the wait after the group: a message that comes earlier is kept for it'>;
  readonly delay: Mistake<'put the delay before or after the group'>;
  readonly branch: Mistake<'put the branch before or after the group, or the group into a path of it'>;
  readonly parallel: Mistake<'a group does not contain another: add its steps to this one'>;
}
/** Steps that run side by side. None may use the result of another, since they are sent together. */
export interface Group<K extends Known, C extends Known> extends OutsideOfGroups {
  readonly [known]: C;
  readonly pivot: Mistake<'a pivot stands outside of groups and paths'>;
  readonly retriable: Mistake<'a retriable step comes after the pivot'>;
  readonly inform: Mistake<'a group before the pivot has only steps: put inform before or after it'>;
  step<
    const Name extends string,
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration = never,
    Compensated extends MessageDeclaration = never,
    Result extends Json = never,
  >(
    name: Refusable<C, Name, Rejected>,
    options: CompensatableOptions<K, C, Name, Accepted, Rejected, Compensated, Result>,
  ): Group<K, WithStep<C, Name, Accepted, Rejected, Compensated, Result>>;
}
/** Retriable steps that run side by side. */
export interface RetriableGroup<K extends Known, C extends Known> extends OutsideOfGroups {
  readonly [known]: C;
  readonly step: Mistake<'nothing is undone after the pivot: use retriable'>;
  readonly inform: Mistake<'inform comes before the pivot: use retriable'>;
  readonly pivot: Mistake<'a saga has one pivot'>;
  retriable<const Name extends string, Accepted extends MessageDeclaration, Result extends Json = never>(
    name: Fresh<C, Name>,
    options: RetriableOptions<K, C, Accepted, Result>,
  ): RetriableGroup<K, With<C, Name, Accepted['type'], never, Result>>;
}
