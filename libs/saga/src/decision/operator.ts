import { assertNever } from '@millrace/event-sourcing';
import type { Message } from '@millrace/streaming-core/contract';
import { stepOf, verdictOf, waitFor, type Failure, type SagaDefinition } from '../definition/definition.ts';
import { SagaError, type SagaErrorCode } from '../errors.ts';
import type { OperatorActed, SagaEvent } from './events.ts';
import type { OperatorInput } from './inputs.ts';
import { decideAnswer, decideMessage, type Answered } from './replies.ts';
import { evolve } from './evolve.ts';
import { type DecisionContext, compensateNext, startCompensation, proceed } from './flow.ts';
import {
  type Awaited,
  type OpenWait,
  type Present,
  type SagaState,
  awaited,
  openWaits,
  pivotSent,
} from './state.ts';
import { endWait, resend } from './timers.ts';

/**
 * Decides an action of an operator. Throws `SagaError` if the action would break a rule of the saga
 * (see `operatorRefusals`). The first event is always `OperatorActed`.
 */
export function decideOperator(
  context: DecisionContext,
  input: OperatorInput,
  state: Present,
): readonly SagaEvent[] {
  const refused = refusalOf(context.definition, input, state);
  if (refused !== undefined) throw new SagaError(refused, operatorRefusals[refused]);
  const { action, actor, reason } = input;
  const step = named(input) ?? onlyOne(state);
  const acted: OperatorActed = { type: 'OperatorActed', action, actor, reason, step, at: input.at };
  const next = evolve(state, acted) as Present;
  return [acted, ...consequences(context, input, next)];
}

function consequences(context: DecisionContext, input: OperatorInput, state: Present): readonly SagaEvent[] {
  switch (input.action) {
    case 'pause':
      return [];
    case 'resume':
      return resume(context, state);
    case 'retry':
      return awaited(state)
        .filter(({ step }) => input.step === undefined || step === input.step)
        .flatMap((each) => resend(context, each));
    case 'compensate':
      return startCompensation(context, state, givenUp(state), lastCommand(state));
    case 'skip':
      return skip(context, state, input);
    default:
      return assertNever(input);
  }
}

/**
 * An operator gives up a step as a timeout does, with the same reason. Only the event
 * `OperatorActed` distinguishes the two: every contract knows the reasons of its definition, and
 * none knows an operator's.
 */
const givenUp = (state: Present) => ({ reason: 'step_timeout', step: onlyOne(state) });

type Skip = Extract<OperatorInput, { action: 'skip' }>;
const named = (input: OperatorInput): string | undefined => ('step' in input ? input.step : undefined);
/** What the saga waits for, if that is only one thing. */
const onlyOne = (state: Present): string | undefined => {
  const open = [...awaited(state).map(({ step }) => step), ...openWaits(state).map(({ name }) => name)];
  return open.length === 1 ? open[0] : undefined;
};

/** The thing that an operator skips: an awaited command that a result answers, or an open wait. */
type Skipped =
  | { readonly answers: Awaited; readonly result: Message }
  | { readonly hears: OpenWait; readonly result: Message }
  | { readonly ends: OpenWait };

function skippedBy(
  definition: SagaDefinition,
  state: Present,
  { step, result }: Pick<Skip, 'step' | 'result'>,
): Skipped | OperatorRefusal {
  const isNamed = (name: string) => step === undefined || name === step;
  const commands = awaited(state).filter((waits) => isNamed(waits.step));
  const waits = openWaits(state).filter(({ name }) => isNamed(name));
  if (commands.length + waits.length === 0) return step === undefined ? 'unexpected_result' : 'unknown_step';
  if (result === undefined) {
    if (commands.length + waits.length > 1) return 'step_needed';
    return waits[0] === undefined ? 'result_needed' : { ends: waits[0] };
  }
  const answers = commands.find((waits) => verdictOf(definition, waits, result.type) !== undefined);
  if (answers !== undefined) {
    const pivots = answers.role === 'step' && stepOf(definition, answers.step)?.kind === 'pivot';
    return pivots ? 'pivot_decides' : { answers, result };
  }
  const hears = waits.find(({ name }) => waitFor(definition, result.type)?.wait.name === name);
  if (hears !== undefined) return { hears, result };
  const onlyPivot = commands.length === 1 && stepOf(definition, commands[0]!.step)?.kind === 'pivot';
  return onlyPivot && commands[0]!.role === 'step' ? 'pivot_decides' : 'unexpected_result';
}

function skip(context: DecisionContext, state: Present, input: Skip): readonly SagaEvent[] {
  const skipped = skippedBy(context.definition, state, input);
  if (typeof skipped === 'string') return [];
  if ('ends' in skipped) return endWait(context, state, skipped.ends);
  const causationId = 'answers' in skipped ? skipped.answers.exchange.commandId : skipped.hears.wait.waitId;
  const answer: Answered = { message: skipped.result, messageId: context.newId(), causationId };
  return 'answers' in skipped ? decideAnswer(context, answer, state) : decideMessage(context, answer, state);
}

/**
 * A paused saga only records messages and a cancellation. Now they take effect, the cancellation
 * first. The saga repeats the commands that it still waits for, and their timers start again.
 */
function resume(context: DecisionContext, state: Present): readonly SagaEvent[] {
  const cause = lastCommand(state);
  const again = awaited(state).flatMap((each) => resend(context, each));
  if (state.status === 'running') {
    if (state.cancellation !== undefined && !pivotSent(context.definition, state))
      return startCompensation(context, state, { reason: state.cancellation }, cause);
    const rejection = firstRejection(state);
    return rejection === undefined
      ? [...again, ...proceed(context, state, cause)]
      : startCompensation(context, state, rejection, cause);
  }
  if (again.length > 0) return again;
  return state.status === 'closing'
    ? [{ type: 'SagaCompensated', at: context.at }]
    : compensateNext(context, state, cause);
}

/** Returns the first rejection while the saga was paused, which is the cause. */
function firstRejection({ steps }: Present): Failure | undefined {
  const [first] = Object.entries(steps)
    .filter(([, { status }]) => status === 'rejected')
    .toSorted(([, one], [, other]) => (one.repliedAt ?? '').localeCompare(other.repliedAt ?? ''));
  return first && { reason: first[1].reason ?? '', step: first[0] };
}

/** The command of a step that was sent last, whether or not its reply has come. */
const lastCommand = ({ steps, correlationId }: Present): string =>
  Object.values(steps).at(-1)?.commandId ?? correlationId;

/** Why an action is refused, by code. */
export const operatorRefusals = {
  saga_ended: 'The saga has ended',
  saga_paused: 'The saga is paused: resume it first',
  saga_not_paused: 'The saga is not paused',
  already_compensating: 'The saga is being compensated already',
  after_pivot: 'The pivot was sent: from there on the saga only goes forward',
  pivot_decides: 'Only the participant of the pivot can decide it: retry the step',
  unexpected_result: 'The result is not a reply or a message that the saga waits for',
  unknown_step: 'The saga does not wait for this step: look at what it waits for',
  step_needed: 'The saga waits for several steps: name one',
  result_needed: 'The step needs a result: give the reply that the saga takes',
  nothing_to_send: 'The saga waits there for no command: skip the wait instead',
} as const satisfies Partial<Record<SagaErrorCode, string>>;
export type OperatorRefusal = keyof typeof operatorRefusals;

/** Returns why the saga refuses the action, or undefined if it takes it. */
export function refusalOf(
  definition: SagaDefinition,
  input: Pick<OperatorInput, 'action'> & { readonly step?: string; readonly result?: Message },
  state: SagaState,
): OperatorRefusal | undefined {
  if (state.status === 'absent' || state.status === 'completed' || state.status === 'compensated')
    return 'saga_ended';
  if (input.action === 'resume') return state.paused === undefined ? 'saga_not_paused' : undefined;
  if (state.paused !== undefined) return 'saga_paused';
  switch (input.action) {
    case 'pause':
      return undefined;
    case 'compensate':
      if (state.status !== 'running') return 'already_compensating';
      return pivotSent(definition, state) ? 'after_pivot' : undefined;
    case 'retry':
      return refusalOfRetry(state, input.step);
    case 'skip': {
      const skipped = skippedBy(definition, state, input);
      return typeof skipped === 'string' ? skipped : undefined;
    }
    default:
      return assertNever(input.action);
  }
}

function refusalOfRetry(state: Present, name: string | undefined): OperatorRefusal | undefined {
  if (awaited(state).some(({ step }) => name === undefined || step === name)) return undefined;
  const isWait = openWaits(state).some((open) => name === undefined || open.name === name);
  return isWait ? 'nothing_to_send' : 'unknown_step';
}
