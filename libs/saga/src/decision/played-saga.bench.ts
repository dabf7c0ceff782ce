import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import { stepOf, stepsOf, type SagaDefinition, type Verdict } from '../definition/definition.ts';
import { buildCommand } from './commands.ts';
import { sagaDecider, type SagaDecision, type CommandToSend } from './decide.ts';
import type { Role, SagaEvent } from './events.ts';
import { defaultSagaSettings, type SagaSettings } from './settings.ts';
import { type SagaState, awaited, openWaits, tokenOf } from './state.ts';
import { waitToken } from './timers.ts';

export interface PlayedMessages {
  readonly start?: Message;
  /** Replies and messages from outside that have more than an id and a reason. */
  readonly replies?: readonly Message[];
  readonly personal?: unknown;
}

/**
 * Plays a saga by hand. The test takes the roles of participants, customer and clock; the decider
 * is the real one.
 */
export function playSaga(
  definition: SagaDefinition,
  settings: Partial<SagaSettings> = {},
  { start, replies = [], personal = { guest: 'Ada' } }: PlayedMessages = {},
) {
  const decider = sagaDecider(definition, { ...defaultSagaSettings, ...settings });
  const log: {
    state: SagaState;
    events: SagaEvent[];
    commands: CommandToSend[];
    /** The messages of the commands, one for each sending. */
    contents: { commandId: string; content: string }[];
    timers: Map<string, string>;
    ids: number;
    minute: number;
  } = {
    state: decider.initialState,
    events: [],
    commands: [],
    contents: [],
    timers: new Map(),
    ids: 0,
    minute: 0,
  };
  const at = () => `2026-01-01T00:00:00.${String(log.minute++ % 1000).padStart(3, '0')}Z`;
  const take = (input: Parameters<typeof decider.decide>[0]): SagaDecision => {
    const decision = decider.decide(input, log.state, () => `c${++log.ids}`);
    log.state = decision.state;
    log.events.push(...decision.events);
    log.commands.push(...decision.commands);
    if (log.state.status !== 'absent')
      for (const command of decision.commands) {
        const content = JSON.stringify(buildCommand(definition, log.state, command, personal));
        log.contents.push({ commandId: command.commandId, content });
      }
    for (const { role, step, ...timer } of decision.timers)
      if (timer.change === 'set') log.timers.set(`${role} ${step}`, timer.token);
      else log.timers.delete(`${role} ${step}`);
    return decision;
  };
  const sentId = (role: Role, step: string) =>
    log.commands.find((command) => command.role === role && command.step === step)?.commandId;
  const messageOf = ({ type }: MessageDeclaration, reason?: string): Message =>
    replies.find((reply) => reply.type === type) ?? { type, tripId: 't1', reason };
  const replyTo = (
    commandId: string,
    declaration: MessageDeclaration,
    reason?: string,
    messageId = `m-${commandId}-${declaration.type}`,
  ) =>
    take({
      type: 'reply',
      message: messageOf(declaration, reason),
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
        message: start ?? { type: definition.starts.type, tripId: 't1', city: 'Rome' },
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
    /** A message from outside comes. */
    hear: (declaration: MessageDeclaration) =>
      take({
        type: 'message',
        message: messageOf(declaration),
        messageId: `m-${declaration.type}`,
        causationId: 'outside',
        at: at(),
      }),
    cancel: () => take({ type: 'cancel', messageId: 'm-cancel', at: at() }),
    fire: (token: string) => take({ type: 'timer', token, at: at() }),
    /** Fires the timer of the command that the saga waits for. */
    wait() {
      const [waits] = awaited(log.state);
      if (waits === undefined) throw new Error('the saga waits for nothing');
      return played.fire(tokenOf(waits.exchange));
    },
    /** Accepts every command and lets the time of every wait pass, until the saga waits for nothing. */
    finish() {
      for (;;) {
        const [waits] = awaited(log.state);
        const [open] = openWaits(log.state);
        if (waits !== undefined) played.answer(waits.role, waits.step);
        else if (open !== undefined) played.fire(waitToken(open.wait.waitId));
        else return played;
      }
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
