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

/** What the compiler knows about a definition so far. */
export interface Known {
  readonly subject: string;
  readonly start: Message;
  readonly personal: unknown;
  /** Messages that the saga may send. */
  readonly commands: Message;
  /** Reasons for which it may be compensated. */
  readonly reasons: string;
  /** Types of the replies that already belong to a step. */
  readonly replies: string;
}

export type AnyTopic = { readonly declaration: TopicDeclaration };
/** The messages of a union of topics. */
export type CommandsOf<Topic> = Topic extends unknown ? MessagesOf<Topic> : never;
/** The payload of a message type as its readers get it. */
export type Received<M> = MessageOf<M>;

/** `{ order, personal }`: the start message under the name that the definition gives it. */
export type Source<K extends Known> = { readonly [Name in K['subject']]: K['start'] } & {
  readonly personal: K['personal'];
};
/** The same with the first cause of the compensation. */
export type FailedSource<K extends Known> = Source<K> & { readonly failure: Failure<K['reasons']> };

/** A reply that already belongs to a step does not typecheck at another one. */
type Unclaimed<K extends Known, M extends MessageDeclaration> = M['type'] extends K['replies']
  ? { readonly replyOfAnotherStep: never }
  : unknown;
/** A rejection says why. */
type SaysWhy<M> =
  Received<M> extends { readonly reason: string } ? unknown : { readonly rejectionWithoutReason: never };
type ReasonOf<M> = Received<M> extends { readonly reason: infer Reason extends string } ? Reason : never;

/** Adds to what is known. */
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
  /** How long a reply may take before the command is sent again; the engine's `stepTimeoutMs` where absent. */
  readonly timeout?: DurationMs;
}

export interface PivotOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
> extends StepOptions<K, Accepted> {
  /** Carries a `reason`. */
  readonly rejected: Rejected & Unclaimed<K, Rejected> & SaysWhy<Rejected>;
}

export interface CompensatableOptions<
  K extends Known,
  Accepted extends MessageDeclaration,
  Rejected extends MessageDeclaration,
  Compensated extends MessageDeclaration,
> extends PivotOptions<K, Accepted, Rejected> {
  /** Undoes the step, whether or not it was ever done. */
  compensation(source: FailedSource<K>): K['commands'];
  /** Always follows a compensation, even if nothing had to be undone. */
  readonly compensated: Compensated & Unclaimed<K, Compensated>;
  /** Re-sends (same id) before silence counts as a timeout; the engine's `resendsMax` where absent. */
  readonly resends?: number;
}

export type RetriableOptions<K extends Known, Accepted extends MessageDeclaration> = StepOptions<
  K,
  Accepted
> & {
  /** After the pivot nothing is undone. */
  readonly rejected?: never;
  readonly compensation?: never;
  readonly compensated?: never;
};

interface Closing<K extends Known> {
  /** The last command of a compensated saga, and the reply that ends it. Completes the definition. */
  whenCompensated<Accepted extends MessageDeclaration>(
    command: (source: FailedSource<K>) => K['commands'],
    options: { readonly accepted: Accepted & Unclaimed<K, Accepted> },
  ): SagaDefinition;
}

/** Steps that can be undone, until the pivot. */
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
  /** The point of no return: once accepted, the saga only goes forward. */
  pivot<Accepted extends MessageDeclaration, Rejected extends MessageDeclaration>(
    name: string,
    options: PivotOptions<K, Accepted, Rejected> & {
      readonly compensation?: never;
      readonly compensated?: never;
    },
  ): AfterPivot<Claim<K, Accepted['type'] | Rejected['type'], ReasonOf<Rejected>>>;
  /** Starts the compensation of a running saga until its pivot has been sent; after that the pivot's reply decides. */
  cancelledBy<Cancel extends MessageDeclaration, const Reason extends string>(
    message: Cancel & Unclaimed<K, Cancel>,
    options: { readonly reason: Reason },
  ): BeforePivot<Claim<K, Cancel['type'], Reason>>;
}

/** Steps that cannot fail: sent again until they are accepted. */
export interface AfterPivot<K extends Known> extends Closing<K> {
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
  /** The message that starts an instance; public, since it is stored in the saga's stream. */
  readonly starts: Starts;
  /** The instance's id: the key of the start message and of every message of the saga. */
  id(start: Received<Starts>): string;
  /** What the definition calls the start message: `order`. */
  readonly subject: Subject;
  /** The topics that it sends commands to. */
  readonly commands: Commands;
  /** Shape of the personal data that commands are built from; read for each command, never stored. */
  readonly personal?: Personal;
}
