import { assertNever } from '@millrace/event-sourcing';
import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import {
  commandTopicsOf,
  nodesOf,
  type Flow,
  type FlowNode,
  type SagaDefinition,
  type Step,
} from './definition.ts';

interface DescribedMessage {
  readonly type: string;
  readonly topic: string;
}
/** A command as its reply alone. A function builds the command, and only a run with an instance shows its type. */
interface DescribedCommand {
  readonly accepted: DescribedMessage;
}

interface DescribedStep extends DescribedCommand {
  readonly kind: 'step' | 'inform' | 'pivot' | 'retriable';
  readonly name: string;
  /** Null for a step that cannot be rejected. */
  readonly rejected: DescribedMessage | null;
  /** Null for a step that is never undone. */
  readonly compensation: DescribedCommand | null;
  /** Null if the engine's setting applies, as in `resendsMax`. */
  readonly timeoutMs: number | null;
  /** How many times the command is sent again before silence counts as a timeout. */
  readonly resendsMax: number | null;
  /** True if the service decides the command itself. */
  readonly local: boolean;
}

/** A part of the flow, or the end of a path that compensates the saga (`fail`). */
export type DescribedPart =
  | DescribedStep
  | { readonly kind: 'parallel'; readonly members: readonly DescribedPart[] }
  | {
      readonly kind: 'branch';
      readonly name: string;
      readonly then: readonly DescribedPart[];
      readonly otherwise: readonly DescribedPart[];
    }
  | { readonly kind: 'delay'; readonly name: string; readonly ms: number }
  | {
      readonly kind: 'wait';
      readonly name: string;
      readonly event: DescribedMessage;
      /** The message that starts the compensation. Null if there is none. */
      readonly refused: DescribedMessage | null;
      readonly timeoutMs: number;
      readonly timedOut: readonly DescribedPart[];
    }
  | { readonly kind: 'fail'; readonly reason: string };

/** A definition as plain data, which JSON keeps as it is. */
export interface DescribedDefinition {
  readonly name: string;
  readonly version: number;
  readonly starts: DescribedMessage;
  /** True if only some of the start messages start an instance. */
  readonly startsConditionally: boolean;
  readonly startsLocally: boolean;
  readonly deadline: { readonly afterMs: number; readonly reason: string } | null;
  readonly cancelledBy: { readonly message: DescribedMessage; readonly reason: string } | null;
  /** The flow, in order. */
  readonly parts: readonly DescribedPart[];
  /** The command that ends the saga once everything is compensated. */
  readonly closing: DescribedCommand;
  /** The topics of the commands, each of which belongs to a participant. */
  readonly commandTopics: readonly string[];
}

/**
 * Turns a definition into plain data for consoles and diagrams: its parts in order, each with the
 * messages that it waits for. It runs none of the definition's functions, so commands have no
 * types.
 */
export function describeDefinition(definition: SagaDefinition): DescribedDefinition {
  const { name, version, starts, startsWhen, startsLocally, deadline, cancelledBy, flow, closing } =
    definition;
  return {
    name,
    version,
    starts: messageOf(starts),
    startsConditionally: startsWhen !== undefined,
    startsLocally,
    deadline: deadline === undefined ? null : { afterMs: deadline.after, reason: deadline.reason },
    cancelledBy:
      cancelledBy === undefined
        ? null
        : { message: messageOf(cancelledBy.message), reason: cancelledBy.reason },
    parts: partsOf(definition, flow),
    closing: { accepted: messageOf(closing.accepted) },
    commandTopics: commandTopicsOf(definition),
  };
}

const partsOf = (definition: SagaDefinition, flow: Flow): readonly DescribedPart[] =>
  flow.map((node) => partOf(definition, node));

function partOf(definition: SagaDefinition, node: FlowNode): DescribedPart {
  switch (node.kind) {
    case 'compensatable':
    case 'pivot':
    case 'retriable':
      return stepOf(definition, node);
    case 'group':
      return { kind: 'parallel', members: partsOf(definition, node.steps) };
    case 'branch':
      return {
        kind: 'branch',
        name: node.name,
        then: partsOf(definition, node.then),
        otherwise: partsOf(definition, node.otherwise),
      };
    case 'delay':
      return { kind: 'delay', name: node.name, ms: node.ms };
    case 'wait':
      return {
        kind: 'wait',
        name: node.name,
        event: messageOf(node.event),
        refused: node.refused === undefined ? null : messageOf(node.refused),
        timeoutMs: node.ms,
        timedOut: partsOf(definition, node.timedOut),
      };
    case 'fail':
      return { kind: 'fail', reason: node.reason };
    default:
      return assertNever(node);
  }
}

function stepOf(definition: SagaDefinition, step: Step): DescribedStep {
  const undone = step.kind === 'compensatable' ? step : undefined;
  return {
    kind: kindOf(definition, step),
    name: step.name,
    accepted: messageOf(step.accepted),
    rejected: step.kind === 'retriable' ? null : messageOf(step.rejected),
    compensation: undone === undefined ? null : { accepted: messageOf(undone.compensated) },
    timeoutMs: step.timeoutMs ?? null,
    resendsMax: undone?.resendsMax ?? null,
    local: step.kind === 'pivot' && step.local,
  };
}

/** Returns what the builder calls the step: a retriable step before the pivot is `inform`. */
function kindOf({ flow }: SagaDefinition, step: Step): DescribedStep['kind'] {
  switch (step.kind) {
    case 'compensatable':
      return 'step';
    case 'pivot':
      return 'pivot';
    case 'retriable': {
      const nodes = nodesOf(flow);
      const pivot = nodes.findIndex(({ kind }) => kind === 'pivot');
      return pivot >= 0 && nodes.indexOf(step) > pivot ? 'retriable' : 'inform';
    }
    default:
      return assertNever(step);
  }
}

const messageOf = ({ type, topic }: MessageDeclaration): DescribedMessage => ({ type, topic: topic.name });
