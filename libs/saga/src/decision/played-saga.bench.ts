import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import { stepOf, stepsOf, type SagaDefinition } from '../definition/definition.ts';
import { sagaDecider, type SagaDecision, type CommandToSend } from './decide.ts';
import type { Role, SagaEvent } from './events.ts';
import { defaultSagaSettings, type SagaSettings } from './settings.ts';
import { type SagaState, awaited, tokenOf } from './state.ts';

export type Verdict = 'accepted' | 'rejected';

/**
 * Plays a saga by hand. The test takes the roles of participants, customer and clock; the decider
 * is the real one.
 */
export function playSaga(definition: SagaDefinition, settings: Partial<SagaSettings> = {}) {
  const decider = sagaDecider(definition, { ...defaultSagaSettings, ...settings });
  const log: {
    state: SagaState;
    events: SagaEvent[];
    commands: CommandToSend[];
    ids: number;
    minute: number;
  } = {
    state: decider.initialState,
    events: [],
    commands: [],
    ids: 0,
    minute: 0,
  };
  const at = () => `2026-01-01T00:00:00.${String(log.minute++ % 1000).padStart(3, '0')}Z`;
  const take = (input: Parameters<typeof decider.decide>[0]): SagaDecision => {
    const decision = decider.decide(input, log.state, () => `c${++log.ids}`);
    log.state = decision.state;
    log.events.push(...decision.events);
    log.commands.push(...decision.commands);
    return decision;
  };
  const sentId = (role: Role, step: string) =>
    log.commands.find((command) => command.role === role && command.step === step)?.commandId;
  const replyTo = (
    commandId: string,
    declaration: MessageDeclaration,
    reason?: string,
    messageId = `m-${commandId}-${declaration.type}`,
  ) =>
    take({
      type: 'reply',
      message: { type: declaration.type, tripId: 't1', reason },
      messageId,
      causationId: commandId,
      at: at(),
    });

  const played = {
    log,
    take,
    start: () =>
      take({
        type: 'start',
        sagaId: 't1',
        message: { type: definition.starts.type, tripId: 't1', city: 'Rome' },
        messageId: 'm-start',
        correlationId: 'story',
        startTopic: definition.starts.topic.name,
        partition: 3,
        at: at(),
      }),
    /** Replies to any command that was ever sent. */
    answer(role: Role, step: string, verdict: Verdict = 'accepted', reason = `no_${step}`) {
      const declared = stepOf(definition, step);
      const commandId = sentId(role, step);
      if (commandId === undefined) throw new Error(`${role} ${step} was never sent`);
      if (role === 'closing') return replyTo(commandId, definition.closing.accepted);
      if (declared === undefined) throw new Error(`no step ${step}`);
      if (role === 'compensation' && declared.kind === 'compensatable')
        return replyTo(commandId, declared.compensated);
      if (verdict === 'rejected' && declared.kind !== 'retriable')
        return replyTo(commandId, declared.rejected, reason);
      return replyTo(commandId, declared.accepted);
    },
    reply: replyTo,
    cancel: () => take({ type: 'cancel', messageId: 'm-cancel', at: at() }),
    fire: (token: string) => take({ type: 'timer', token, at: at() }),
    /** Fires the timer of the command that the saga waits for. */
    wait() {
      const [waits] = awaited(log.state);
      if (waits === undefined) throw new Error('the saga waits for nothing');
      return played.fire(tokenOf(waits.exchange));
    },
    /** Accepts every command until the saga waits for none. */
    finish() {
      for (let [waits] = awaited(log.state); waits !== undefined; [waits] = awaited(log.state))
        played.answer(waits.role, waits.step);
      return played;
    },
    /**
     * Starts the saga and accepts every step before this one, so that the saga waits for this one.
     */
    upTo(step: string) {
      played.start();
      const names = stepsOf(definition).map(({ name }) => name);
      for (const name of names.slice(0, names.indexOf(step))) played.answer('step', name);
      return played;
    },
    /**
     * The commands in the order in which they were first sent: `seat`, `seat:compensation`,
     * `(closing):closing`.
     */
    sent: () => [
      ...new Set(log.commands.map(({ role, step }) => (role === 'step' ? step : `compensate ${step}`))),
    ],
    compensated: () => [
      ...new Set(log.commands.filter(({ role }) => role === 'compensation').map(({ step }) => step)),
    ],
    reason: () => ('failure' in log.state ? log.state.failure.reason : undefined),
    types: () => log.events.map(({ type }) => type),
  };
  return played;
}

export type PlayedSaga = ReturnType<typeof playSaga>;
