import type {
  Message,
  MessageDeclaration,
  MessageOf,
  MessagesOf,
  TopicDeclaration,
} from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { z } from 'zod';
import type { Failure, SagaDefinition } from './definition.ts';

/** The types that a definition has declared so far, which the next call of the builder must fit. */
interface Known {
  readonly subject: string;
  readonly start: Message;
  readonly personal: unknown;
  /** The messages that the saga may send. */
  readonly commands: Message;
  /** The reasons for which the saga may be compensated. */
  readonly reasons: string;
  /** The types of the replies that already belong to a step. */
  readonly replies: string;
}

export type AnyTopic = { readonly declaration: TopicDeclaration };
/** The messages of a union of topics. */
export type CommandsOf<Topic> = Topic extends unknown ? MessagesOf<Topic> : never;
/** The payload of a message type, as its readers receive it. */
export type Received<M> = MessageOf<M>;

/**
 * The personal data, and the start message under the name that the definition gives it:
 * `{ order, personal }`.
 */
type Source<K extends Known> = { readonly [Name in K['subject']]: K['start'] } & {
  readonly personal: K['personal'];
};
/** The source together with the first cause of the compensation. */
type FailedSource<K extends Known> = Source<K> & { readonly failure: Failure<K['reasons']> };

/** Makes the compiler reject a reply that already belongs to another step. */
type Unclaimed<K extends Known, M extends MessageDeclaration> = M['type'] extends K['replies']
  ? { readonly replyOfAnotherStep: never }
  : unknown;
/** Makes the compiler reject a rejection without a `reason`. */
type SaysWhy<M> =
  Received<M> extends { readonly reason: string } ? unknown : { readonly rejectionWithoutReason: never };
type ReasonOf<M> = Received<M> extends { readonly reason: infer Reason extends string } ? Reason : never;

/** Adds replies and reasons to what is known. */
type Claim<K extends Known, Replies extends string, Reasons extends string = never> = Omit<
  K,
  'replies' | 'reasons'
> & {
  readonly replies: K['replies'] | Replies;
  readonly reasons: K['reasons'] | Reasons;
};

interface StepOptions<K extends Known, Accepted extends MessageDeclaration> {
  command(source: Source<K>): K['commands'];
  readonly accepted: Accepted & Unclaimed<K, Accepted>;
  /**
   * How long a reply may take before the command is sent again. The default is the engine's
   * `stepTimeoutMs`.
   */
  readonly timeout?: DurationMs;
}

interface PivotOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
> extends StepOptions<K, Accepted> {
  /** The reply that rejects the command. It has a `reason`. */
  readonly rejected: Rejected & Unclaimed<K, Rejected> & SaysWhy<Rejected>;
}

interface CompensatableOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
  Compensated extends MessageDeclaration,
> extends PivotOptions<K, Accepted, Rejected> {
  /** Builds the command that undoes the step, whether or not the step was ever carried out. */
  compensation(source: FailedSource<K>): K['commands'];
  /** The reply that always follows a compensation, even if there was nothing to undo. */
  readonly compensated: Compensated & Unclaimed<K, Compensated>;
  /**
   * How many times the command is sent again, with the same id, before silence counts as a timeout.
   * The default is the engine's `resendsMax`.
   */
  readonly resends?: number;
}

type RetriableOptions<K extends Known, Accepted extends MessageDeclaration> = StepOptions<K, Accepted> & {
  /** Nothing is undone after the pivot. */
  readonly rejected?: never;
  readonly compensation?: never;
  readonly compensated?: never;
};

interface Closing<K extends Known> {
  /**
   * Sets the last command of a compensated saga and the reply that ends the saga. Completes the
   * definition.
   */
  whenCompensated<Accepted extends MessageDeclaration>(
    command: (source: FailedSource<K>) => K['commands'],
    options: { readonly accepted: Accepted & Unclaimed<K, Accepted> },
  ): SagaDefinition;
}

/** The part of a definition before the pivot, with steps that can be undone. */
export interface BeforePivot<K extends Known> extends Closing<K> {
  step<
    Accepted extends MessageDeclaration,
    Rejected extends MessageDeclaration,
    Compensated extends MessageDeclaration,
  >(
    name: string,
    options: CompensatableOptions<K, Accepted, Rejected, Compensated>,
  ): BeforePivot<
    Claim<K, Accepted['type'] | Rejected['type'] | Compensated['type'], ReasonOf<Rejected> | 'step_timeout'>
  >;
  /** Adds the point of no return. Once it is accepted, the saga only goes forward. */
  pivot<Accepted extends MessageDeclaration, Rejected extends MessageDeclaration>(
    name: string,
    options: PivotOptions<K, Accepted, Rejected> & {
      readonly compensation?: never;
      readonly compensated?: never;
      /**
       * Lets the service decide the command in the transaction of the reply that leads to it. The
       * engine needs the option `local`.
       */
      readonly local?: boolean;
    },
  ): AfterPivot<Claim<K, Accepted['type'] | Rejected['type'], ReasonOf<Rejected>>>;
  /**
   * Sets the message that cancels a running saga. It starts the compensation if the pivot has not
   * been sent; otherwise the pivot's reply decides.
   */
  cancelledBy<Cancel extends MessageDeclaration, const Reason extends string>(
    message: Cancel & Unclaimed<K, Cancel>,
    options: { readonly reason: Reason },
  ): BeforePivot<Claim<K, Cancel['type'], Reason>>;
}

/**
 * The part of a definition after the pivot, with steps that cannot fail. Their commands are sent
 * again until they are accepted.
 */
interface AfterPivot<K extends Known> extends Closing<K> {
  retriable<Accepted extends MessageDeclaration>(
    name: string,
    options: RetriableOptions<K, Accepted>,
  ): AfterPivot<Claim<K, Accepted['type']>>;
  cancelledBy<Cancel extends MessageDeclaration, const Reason extends string>(
    message: Cancel & Unclaimed<K, Cancel>,
    options: { readonly reason: Reason },
  ): AfterPivot<Claim<K, Cancel['type'], Reason>>;
}

export interface SagaOptions<
  Starts extends MessageDeclaration,
  Commands extends readonly AnyTopic[],
  Subject extends string,
  Personal extends z.ZodType,
> {
  /** A running instance keeps the version that it started with. */
  readonly version: number;
  /**
   * The message that starts an instance. It must not hold personal data, since the saga's stream
   * stores it.
   */
  readonly starts: Starts;
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
}
