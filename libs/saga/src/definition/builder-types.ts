import type {
  Message,
  MessageDeclaration,
  MessageOf,
  MessagesOf,
  TopicDeclaration,
} from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { z } from 'zod';
import type { Failure } from './definition.ts';

/** The types that a definition has declared so far, which the next call of the builder must fit. */
export interface Known {
  readonly subject: string;
  readonly start: Message;
  readonly personal: unknown;
  /** The messages that the saga may send. */
  readonly commands: Message;
  /** The reasons for which the saga may be compensated. */
  readonly reasons: string;
  /** The types of the messages that already belong to a step or a wait. */
  readonly replies: string;
  /** The names of steps, waits and branches. */
  readonly names: string;
  /** The results of the replies so far, by the name of the step or wait. */
  readonly results: object;
}

/** The names, replies, reasons and results that one call of the builder adds. */
interface Added {
  readonly names: string;
  readonly replies: string;
  readonly reasons: string;
  readonly results: object;
}

/** Adds names, replies, reasons and results to what is known. */
export interface Adding<K extends Known, A extends Added> {
  readonly subject: K['subject'];
  readonly start: K['start'];
  readonly personal: K['personal'];
  readonly commands: K['commands'];
  readonly reasons: K['reasons'] | A['reasons'];
  readonly replies: K['replies'] | A['replies'];
  readonly names: K['names'] | A['names'];
  readonly results: Flat<K['results'] & A['results']>;
}
type Flat<T> = { readonly [Key in keyof T]: T[Key] };

/** Adds what a side path has declared. Whether it was taken is not known, so its results are optional. */
export type Perhaps<K extends Known, Path extends Known> = Adding<
  K,
  {
    readonly names: Path['names'];
    readonly replies: Path['replies'];
    readonly reasons: Path['reasons'];
    readonly results: Partial<Omit<Path['results'], keyof K['results']>>;
  }
>;

/** Adds the declarations of a path that fails. None of its results exists afterwards. */
export type Failed<K extends Known, Path extends Known> = Adding<
  K,
  {
    readonly names: Path['names'];
    readonly replies: Path['replies'];
    readonly reasons: Path['reasons'];
    readonly results: object;
  }
>;

/** A type that nothing has, so that the compiler's message contains the sentence. */
export interface Mistake<Sentence extends string> {
  readonly ERROR: Sentence;
}

/** A value that JSON keeps as it is, since a saga's events store results. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export type AnyTopic = { readonly declaration: TopicDeclaration };
/** The messages of a union of topics. */
export type CommandsOf<Topic> = Topic extends unknown ? MessagesOf<Topic> : never;
/** The payload of a message type, as its readers receive it. */
export type Received<M> = MessageOf<M>;

/** The arguments of a condition: the start message under its name, and the results so far. */
export type Facts<K extends Known> = { readonly [Name in K['subject']]: K['start'] } & {
  readonly results: K['results'];
};
/**
 * The facts and the personal data: `{ order, results, personal }`. `C` has the results of the steps of
 * the same group, which are not there yet.
 */
type Source<K extends Known, C extends Known> = { readonly [Name in K['subject']]: K['start'] } & {
  readonly results: K['results'] & SentTogether<Exclude<keyof C['results'], keyof K['results']>>;
  readonly personal: K['personal'];
};
type SentTogether<Siblings> = [Siblings] extends [never]
  ? unknown
  : {
      readonly [
        Name in Siblings & string
      ]: Mistake<`${Name} is sent at the same time, so its result is not there yet`>;
    };
/** The personal data of a definition; none if it declares none. */
export type PersonalOf<Personal> = [Personal] extends [undefined]
  ? Mistake<'the definition declares no personal data'>
  : Personal;

/** The source of a compensation. Its own reply may never have come, so its result is optional. */
type FailedSource<K extends Known, Name extends string, Result> = {
  readonly [Subject in K['subject']]: K['start'];
} & {
  readonly personal: K['personal'];
  readonly failure: Failure<K['reasons']>;
  readonly results: Flat<K['results'] & OwnResult<Name, Result>>;
};
type OwnResult<Name extends string, Result> = [Result] extends [never]
  ? { readonly [Key in Name]: Mistake<`${Name} has no result: write the option result above compensation`> }
  : Partial<ResultOf<Name, Result>>;
/** The source of the closing command. Any step may have been the last one. */
export type ClosingSource<K extends Known> = { readonly [Name in K['subject']]: K['start'] } & {
  readonly personal: K['personal'];
  readonly failure: Failure<K['reasons']>;
  readonly results: Partial<K['results']>;
};

/** The result under the name of its step; nothing if the step has none. */
export type ResultOf<Name extends string, Result> = [Result] extends [never]
  ? object
  : { readonly [Key in Name]: Result };

/** Makes the compiler reject a message that already belongs to another step or wait. */
export type Unclaimed<K extends Known, M extends MessageDeclaration> = M['type'] extends K['replies']
  ? Mistake<`${M['type']} belongs to another part of the saga already`>
  : unknown;
/** Makes the compiler reject a message that already has another meaning in the same step or wait. */
export type Distinct<
  M extends MessageDeclaration,
  Others extends MessageDeclaration,
> = M['type'] extends Others['type']
  ? Mistake<`${M['type']} means something else in this part already`>
  : unknown;
/** Makes the compiler reject a name that is taken. */
export type Fresh<K extends Known, Name extends string> = Name extends K['names']
  ? `ERROR: the name ${Name} is taken already`
  : Name;
/** Makes the compiler reject a step without the option `rejected`, before it complains about the others. */
export type Refusable<K extends Known, Name extends string, Rejected> = [Rejected] extends [never]
  ? `ERROR: ${Name} needs the option rejected`
  : Fresh<K, Name>;
/** Makes the compiler reject a rejection without a `reason`. */
export type SaysWhy<M> =
  Received<M> extends { readonly reason: string } ? unknown : Mistake<'a rejection needs a field reason'>;

/** The reasons of a rejection; none if there is no such message. */
export type ReasonOf<M> = M extends MessageDeclaration
  ? Received<M> extends { readonly reason: infer Reason extends string }
    ? Reason
    : never
  : never;

/**
 * A step's options. `K` is what its command may use. `C` is what has been claimed already, which is
 * more inside a group.
 */
interface StepOptions<
  K extends Known,
  C extends Known,
  Accepted extends MessageDeclaration,
  Result extends Json,
> {
  command(source: Source<K, C>): K['commands'];
  readonly accepted: Accepted & Unclaimed<C, Accepted>;
  /**
   * Chooses what later commands need from the reply. The saga's events store it, so it must not hold
   * personal data. Write it before `compensation`, which may use it.
   */
  readonly result?: (reply: Received<Accepted>) => Result;
  /**
   * How long a reply may take before the command is sent again. The default is the engine's
   * `stepTimeoutMs`.
   */
  readonly timeout?: DurationMs;
}

export interface PivotOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
  Result extends Json,
> extends StepOptions<K, K, Accepted, Result> {
  /** The reply that rejects the command. It has a `reason`. It must be given. */
  readonly rejected?: Rejected & Unclaimed<K, Rejected> & Distinct<Rejected, Accepted> & SaysWhy<Rejected>;
  /**
   * Lets the service decide the command in the transaction of the reply that leads to it. The
   * engine needs the option `local`.
   */
  readonly local?: boolean;
  readonly compensation?: Mistake<'the pivot is never undone'>;
  readonly compensated?: Mistake<'the pivot is never undone'>;
}

export interface CompensatableOptions<
  K extends Known,
  C extends Known,
  Name extends string,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
  Compensated extends MessageDeclaration,
  Result extends Json,
> extends StepOptions<K, C, Accepted, Result> {
  /** The reply that rejects the command. It has a `reason`. It must be given. */
  readonly rejected?: Rejected & Unclaimed<C, Rejected> & Distinct<Rejected, Accepted> & SaysWhy<Rejected>;
  /** Builds the command that undoes the step, whether or not the step was ever carried out. */
  compensation(source: FailedSource<K, Name, Result>): K['commands'];
  /** The reply that always follows a compensation, even if there was nothing to undo. */
  readonly compensated: Compensated & Unclaimed<C, Compensated> & Distinct<Compensated, Accepted | Rejected>;
  /**
   * How many times the command is sent again, with the same id, before silence counts as a timeout.
   * The default is the engine's `resendsMax`.
   */
  readonly resends?: number;
}

export type InformOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Result extends Json,
> = StepOptions<K, K, Accepted, Result> & {
  readonly rejected?: Mistake<'inform cannot be rejected: use step'>;
} & NeverUndone<'inform is never undone: use step'>;

export type RetriableOptions<
  K extends Known,
  C extends Known,
  Accepted extends MessageDeclaration,
  Result extends Json,
> = StepOptions<K, C, Accepted, Result> & {
  readonly rejected?: Mistake<'a step after the pivot cannot be rejected'>;
} & NeverUndone<'nothing is undone after the pivot'>;

/** Makes the compiler reject what undoes a step, with this sentence. */
interface NeverUndone<Why extends string> {
  readonly compensation?: Mistake<Why>;
  readonly compensated?: Mistake<Why>;
}

export interface SagaOptions<
  Starts extends MessageDeclaration,
  Commands extends readonly AnyTopic[],
  Subject extends string,
  Personal extends z.ZodType,
  Overdue extends string,
> {
  /** A running instance keeps the version that it started with. */
  readonly version: number;
  /**
   * The message that starts an instance. It must not hold personal data, since the saga's stream
   * stores it.
   */
  readonly starts: Starts;
  /**
   * Lets only some of the start messages start an instance. The default is all of them. It sees
   * nothing but the start message, so that message must have every field that it needs.
   */
  startsWhen?(start: Received<Starts>): boolean;
  /**
   * Starts an instance in the transaction in which this service writes the start message to its
   * outbox, instead of when it reads the message. A message of another producer still starts an
   * instance when the service reads it.
   */
  readonly startsLocally?: boolean;
  /**
   * Returns the instance's id, which is the key of the start message and of all other messages of
   * the saga.
   */
  id(start: Received<Starts>): string;
  /** The name that the definition gives to the start message, such as `order`. */
  readonly subject: Subject;
  /** The topics that the saga sends commands to. */
  readonly commands: Commands;
  /**
   * The schema of the personal data that commands are built from. The data is read for each command
   * and never stored.
   */
  readonly personal?: Personal;
  /**
   * Compensates an instance that has not sent its pivot this long after its start. Without a
   * deadline, the timeouts of steps and waits are the only limit.
   */
  readonly deadline?: { readonly after: DurationMs; readonly reason: Overdue };
}
