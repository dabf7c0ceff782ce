import { assertNever } from '@millrace/event-sourcing';
import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { z } from 'zod';

/** The reason why a saga is compensated: its first cause, whatever came after it. */
export interface Failure<Reason extends string = string> {
  readonly reason: Reason;
  /** The step that was rejected or timed out; absent for a cancellation, a deadline and `fail`. */
  readonly step?: string;
}

/** The results of replies and awaited messages, by the name of the step or wait. */
export type Results = Readonly<Record<string, unknown>>;

/** The data that a condition decides over, with the definition's types erased. */
export interface Facts {
  readonly start: Message;
  readonly results: Results;
}
/** The data that a command is built from, with the definition's types erased. */
export interface CommandSource extends Facts {
  /** Throws `SagaError` (`personal_erased`) if the data was erased. */
  readonly personal: unknown;
  readonly failure?: Failure;
}

/** Builds a command's message. It is pure, so a re-send builds the same message again. */
export type BuildCommand = (source: CommandSource) => Message;
/** Chooses the part of a message that the saga keeps. */
export type ChooseResult = (message: Message) => unknown;

interface StepCommon {
  readonly name: string;
  readonly command: BuildCommand;
  readonly accepted: MessageDeclaration;
  readonly result?: ChooseResult;
  readonly timeoutMs?: DurationMs;
}
interface CompensatableStep extends StepCommon {
  readonly kind: 'compensatable';
  readonly rejected: MessageDeclaration;
  readonly compensation: BuildCommand;
  readonly compensated: MessageDeclaration;
  readonly resendsMax?: number;
}
interface PivotStep extends StepCommon {
  readonly kind: 'pivot';
  readonly rejected: MessageDeclaration;
  /** True if the service decides the command in the transaction that would send it. */
  readonly local: boolean;
}
interface RetriableStep extends StepCommon {
  readonly kind: 'retriable';
}
export type Step = CompensatableStep | PivotStep | RetriableStep;

/** Steps whose commands are sent together. */
interface Group {
  readonly kind: 'group';
  readonly steps: readonly Step[];
}
interface Branch {
  readonly kind: 'branch';
  readonly name: string;
  readonly when: (facts: Facts) => boolean;
  readonly then: Flow;
  readonly otherwise: Flow;
}
interface Delay {
  readonly kind: 'delay';
  readonly name: string;
  readonly ms: DurationMs;
}
/** Waits for a message whose key is the saga's id. */
export interface Wait {
  readonly kind: 'wait';
  readonly name: string;
  readonly event: MessageDeclaration;
  /** Starts the compensation, with its `reason`. */
  readonly refused?: MessageDeclaration;
  readonly result?: ChooseResult;
  readonly ms: DurationMs;
  /** The path that is taken if the message does not come in time. */
  readonly timedOut: Flow;
}
/** The end of a path that compensates the saga. */
interface Fail {
  readonly kind: 'fail';
  readonly reason: string;
}
export type FlowNode = Step | Group | Branch | Delay | Wait | Fail;
export type Flow = readonly FlowNode[];

/** A saga as data. `saga(...)` builds it, and the engine runs it. */
export interface SagaDefinition {
  readonly name: string;
  readonly version: number;
  readonly starts: MessageDeclaration;
  readonly startsWhen?: (start: Message) => boolean;
  /** True if an instance starts in the transaction that writes its start message to the outbox. */
  readonly startsLocally: boolean;
  readonly id: (start: Message) => string;
  /** Checks what the engine's `personal` callback returns. */
  readonly personal?: z.ZodType;
  /** The command types that the saga may send, by name. */
  readonly commands: ReadonlyMap<string, MessageDeclaration>;
  readonly deadline?: { readonly after: DurationMs; readonly reason: string };
  readonly flow: Flow;
  readonly cancelledBy?: { readonly message: MessageDeclaration; readonly reason: string };
  /** The command that ends the saga once everything is compensated, and its reply. */
  readonly closing: { readonly command: BuildCommand; readonly accepted: MessageDeclaration };
}

/** The id of the stream that holds an instance's events. */
export const sagaStream = (definition: string, sagaId: string): string => `saga-${definition}-${sagaId}`;

/** Returns every node of the flow in reading order, including those of its groups and paths. */
export const nodesOf = (flow: Flow): readonly FlowNode[] =>
  flow.flatMap((node): readonly FlowNode[] => {
    switch (node.kind) {
      case 'group':
        return [node, ...node.steps];
      case 'branch':
        return [node, ...nodesOf(node.then), ...nodesOf(node.otherwise)];
      case 'wait':
        return [node, ...nodesOf(node.timedOut)];
      case 'compensatable':
      case 'pivot':
      case 'retriable':
      case 'delay':
      case 'fail':
        return [node];
      default:
        return assertNever(node);
    }
  });

const isStep = (node: FlowNode): node is Step =>
  node.kind === 'compensatable' || node.kind === 'pivot' || node.kind === 'retriable';
const isWait = (node: FlowNode): node is Wait => node.kind === 'wait';

/** Returns the steps in reading order. */
export const stepsOf = ({ flow }: Pick<SagaDefinition, 'flow'>): readonly Step[] =>
  nodesOf(flow).filter(isStep);
/** Returns the waits for messages in reading order. */
export const waitsOf = ({ flow }: Pick<SagaDefinition, 'flow'>): readonly Wait[] =>
  nodesOf(flow).filter(isWait);

export const stepOf = (definition: SagaDefinition, name: string): Step | undefined =>
  stepsOf(definition).find((step) => step.name === name);

/** Returns true if the service decides a command of the saga itself. */
export const hasLocalPivot = (definition: SagaDefinition): boolean =>
  stepsOf(definition).some((step) => step.kind === 'pivot' && step.local);

/** Returns true if the service decides this command in the transaction that would send it. */
export function isLocal(
  definition: SagaDefinition,
  { role, step: name }: { readonly role: string; readonly step: string },
): boolean {
  const step = role === 'step' ? stepOf(definition, name) : undefined;
  return step?.kind === 'pivot' && step.local;
}

/** A reply accepts or rejects its command. */
export type Verdict = 'accepted' | 'rejected';
interface CommandOf {
  readonly role: 'step' | 'compensation' | 'closing';
  readonly step: string;
}

/** Returns the replies to a command of the saga, each with its verdict. */
export function repliesTo(
  definition: SagaDefinition,
  { role, step: name }: CommandOf,
): readonly { readonly declaration: MessageDeclaration; readonly verdict: Verdict }[] {
  if (role === 'closing') return [{ declaration: definition.closing.accepted, verdict: 'accepted' }];
  const step = stepOf(definition, name);
  if (step === undefined) return [];
  if (role === 'compensation')
    return step.kind === 'compensatable' ? [{ declaration: step.compensated, verdict: 'accepted' }] : [];
  const accepted = { declaration: step.accepted, verdict: 'accepted' } as const;
  return step.kind === 'retriable'
    ? [accepted]
    : [accepted, { declaration: step.rejected, verdict: 'rejected' }];
}

/** Returns undefined for a message that does not answer the command. */
export const verdictOf = (
  definition: SagaDefinition,
  command: CommandOf,
  type: string,
): Verdict | undefined =>
  repliesTo(definition, command).find(({ declaration }) => declaration.type === type)?.verdict;

/**
 * Returns the wait that a message from outside belongs to, and whether the message ends or refuses
 * it.
 */
export function waitFor(
  definition: SagaDefinition,
  type: string,
): { readonly wait: Wait; readonly verdict: Verdict } | undefined {
  const wait = waitsOf(definition).find(
    ({ event, refused }) => event.type === type || refused?.type === type,
  );
  return wait && { wait, verdict: wait.event.type === type ? 'accepted' : 'rejected' };
}

/**
 * Returns the messages that reach the saga whatever it has sent: its start, its cancellation, and
 * those of its waits.
 */
export const messagesFromOutside = (definition: SagaDefinition): readonly MessageDeclaration[] => [
  definition.starts,
  ...(definition.cancelledBy === undefined ? [] : [definition.cancelledBy.message]),
  ...waitsOf(definition).flatMap(({ event, refused }) =>
    refused === undefined ? [event] : [event, refused],
  ),
];

/** Returns every message type that the saga reacts to, each once and `starts` first. */
export function messagesOf(definition: SagaDefinition): readonly MessageDeclaration[] {
  const replies = stepsOf(definition).flatMap((step) => repliesOf(step));
  const [starts, ...outside] = messagesFromOutside(definition);
  return [...new Set([starts!, ...replies, ...outside, definition.closing.accepted])];
}
function repliesOf(step: Step): readonly MessageDeclaration[] {
  switch (step.kind) {
    case 'compensatable':
      return [step.accepted, step.rejected, step.compensated];
    case 'pivot':
      return [step.accepted, step.rejected];
    case 'retriable':
      return [step.accepted];
    default:
      return assertNever(step);
  }
}

/**
 * The names of the topics that the saga reads. A timer fires only once the saga has caught up on
 * all of them.
 */
export const topicsOf = (definition: SagaDefinition): readonly string[] => [
  ...new Set(messagesOf(definition).map((message) => message.topic.name)),
];
/** The names of the topics that the saga sends commands to. */
export const commandTopicsOf = ({ commands }: SagaDefinition): readonly string[] => [
  ...new Set([...commands.values()].map((command) => command.topic.name)),
];
