import { AssertionError } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import { buildCommand } from '../decision/commands.ts';
import { sagaDecider, type CommandToSend, type SagaDecider, type TimerChange } from '../decision/decide.ts';
import type { SagaEvent } from '../decision/events.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { refusalOf } from '../decision/operator.ts';
import { defaultSagaSettings } from '../decision/settings.ts';
import { awaited, openWaits, type SagaState } from '../decision/state.ts';
import { openDeadline, waitToken } from '../decision/timers.ts';
import { waitsOf, type SagaDefinition } from '../definition/definition.ts';
import { titleOf, type Fault, type Part } from './faults.ts';
import { FaultyParticipants, kindsAt, type Answer } from './faulty-participants.ts';
import { replyMessage } from './replies.ts';
import { expectLive, expectOver } from './saga-invariants.ts';

export interface FaultySagaOptions {
  readonly start: Message;
  /** The personal data that commands are built from. */
  readonly personal?: unknown;
  /** The messages that have more fields than their commands, as for `givenSaga`. */
  readonly replies?: readonly Message[];
  /** Which of several messages that wait is taken first. */
  readonly order?: 'oldest first' | 'newest first';
}

/** An input of the saga: an answer, a message from outside, a timer or an operator's action. */
interface Delivery {
  readonly what: string;
  readonly part?: Part;
  /** Returns undefined if it can no longer happen. */
  input(at: string): SagaInput | undefined;
}

type SetTimer = Extract<TimerChange, { change: 'set' }>;
const startedAt = Date.parse('2026-01-01T00:00:00.000Z');
const turnsMax = 300;
const settings = { ...defaultSagaSettings, resendsMax: 1, attemptsBeforeAttention: 3, ignoredRepliesMax: 5 };

/**
 * Plays a saga to its end while these faults happen, and returns those that met it. Throws
 * `AssertionError` with the story if an invariant does not hold: at each moment until its end, the saga has
 * a command, a wait or a delay with a timer; it ends once, with everything undone or nothing; what is
 * undone is undone in the reverse order of sending, one after the other, and never after the pivot; each
 * command has one id and the same content in each sending; nothing that happens again has an effect.
 */
export function playFaults(
  definition: SagaDefinition,
  options: FaultySagaOptions,
  faults: readonly Fault[],
): ReadonlySet<Fault> {
  return new FaultySaga(definition, options, faults).play();
}

class FaultySaga {
  readonly #definition: SagaDefinition;
  readonly #options: FaultySagaOptions;
  readonly #faults: readonly Fault[];
  readonly #met = new Set<Fault>();
  readonly #hasFault: ReturnType<typeof kindsAt>;
  readonly #participants: FaultyParticipants;
  readonly #decider: SagaDecider;
  readonly #story: string[] = [];
  readonly #taken: Delivery[] = [];
  readonly #inbox: Delivery[] = [];
  /** The next inputs, which come before those in the inbox. */
  readonly #next: Delivery[] = [];
  readonly #held = new Map<string, Delivery>();
  readonly #timers = new Map<string, SetTimer & { readonly dueAt: number }>();
  readonly #contents = new Map<string, string>();
  readonly #crashed = new Set<string>();
  readonly #events: SagaEvent[] = [];
  #state: SagaState;
  #ids = 0;
  #now = startedAt;

  constructor(definition: SagaDefinition, options: FaultySagaOptions, faults: readonly Fault[]) {
    this.#definition = definition;
    this.#options = options;
    this.#faults = faults;
    this.#hasFault = kindsAt(faults, this.#met);
    const { start, replies: samples = [] } = options;
    this.#participants = new FaultyParticipants({ definition, start, samples, hasFault: this.#hasFault });
    this.#decider = sagaDecider(definition, settings);
    this.#state = this.#decider.initialState;
  }

  play(): ReadonlySet<Fault> {
    try {
      this.#take(this.#start());
      for (const { name } of waitsOf(this.#definition))
        if (this.#hasFault({ role: 'wait', name }, 'early')) this.#inbox.push(this.#fromOutside(name, false));
      for (let turns = 0; turns < turnsMax; turns += 1) {
        const delivery = this.#next.shift() ?? this.#fromInbox() ?? this.#timer() ?? this.#resume();
        if (delivery === undefined) break;
        this.#take(delivery);
      }
      this.#judge();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const happened = this.#faults.map(titleOf).join(', then ');
      const message = `${this.#definition.name}, ${happened}: ${problem}\n\n${this.#story.join('\n')}`;
      throw new AssertionError({ message });
    }
    return this.#met;
  }

  /** Everything comes once more after the end, as after a restore, and has no effect. */
  #judge(): void {
    expectOver(this.#definition, {
      state: this.#state,
      events: this.#events,
      effects: this.#participants.effects,
    });
    const ended = this.#state.status;
    const sent = this.#contents.size;
    for (const delivery of [...this.#taken]) this.#take(delivery);
    if (this.#state.status !== ended || this.#contents.size !== sent)
      throw new TypeError('an input that came again after the end had an effect');
  }

  #take(delivery: Delivery): void {
    const input = delivery.input(new Date(this.#now).toISOString());
    if (input === undefined) return;
    this.#story.push(`  ${delivery.what}`);
    if (input.type !== 'operator') this.#taken.push({ ...delivery, part: undefined, input: () => input });
    if (this.#crashes(delivery, 'crash before commit')) {
      const lost = this.#decider.decide(input, this.#state, this.#newId);
      this.#story.push(`    crash before commit: ${lost.events.length} events are lost`);
    }
    const { events, state, commands, timers } = this.#decider.decide(input, this.#state, this.#newId);
    this.#events.push(...events);
    this.#state = state;
    for (const timer of timers) this.#setTimer(timer);
    const isAgain = this.#crashes(delivery, 'crash after commit');
    for (const each of isAgain ? [...commands, ...commands] : commands) this.#send(each);
    if (isAgain) {
      this.#story.push('    crash after commit: the input and its commands come again');
      this.#next.unshift({ ...delivery, input: () => input });
    }
    this.#open(events);
    this.#releaseHeld();
    expectLive(this.#definition, state, new Set([...this.#timers.values()].map(({ token }) => token)));
  }

  #newId = (): string => `c${++this.#ids}`;

  #crashes({ part }: Delivery, kind: 'crash before commit' | 'crash after commit'): boolean {
    if (part === undefined || !this.#hasFault(part, kind)) return false;
    const once = `${kind} ${part.role} ${part.name}`;
    if (this.#crashed.has(once)) return false;
    this.#crashed.add(once);
    return true;
  }

  #setTimer(timer: TimerChange): void {
    const key = `${timer.role} ${timer.step}`;
    if (timer.change === 'clear') this.#timers.delete(key);
    else this.#timers.set(key, { ...timer, dueAt: this.#now + timer.delayMs });
  }

  #send(command: CommandToSend): void {
    if (this.#state.status === 'absent') throw new TypeError('a command without a saga');
    const { role, step: name, commandId } = command;
    const message = buildCommand(this.#definition, this.#state, command, this.#options.personal);
    this.#story.push(`    -> ${message.type} (${commandId})`);
    const content = JSON.stringify(message);
    const first = this.#contents.get(commandId) ?? content;
    this.#contents.set(commandId, first);
    if (first !== content)
      throw new TypeError(`${commandId} is sent as ${content}, and was sent as ${first}`);
    for (const answer of this.#participants.receive({ part: { role, name }, command, message }))
      this.#answer(answer);
  }

  #answer({ part, message, messageId, causationId, comes }: Answer): void {
    const reply = { type: 'reply', message, messageId, causationId } as const;
    const delivery = { what: message.type, part, input: (at: string) => ({ ...reply, at }) };
    if (comes === 'now') this.#inbox.push(delivery);
    if (comes === 'once given up')
      this.#held.set(causationId, { ...delivery, what: `${message.type}, late` });
  }

  /** Plays the faults that happen when a command is first sent, or when a wait begins. */
  #open(events: readonly SagaEvent[]): void {
    for (const event of events) {
      if (event.type === 'CommandSent') this.#begin({ role: event.role, name: event.step });
      if (event.type === 'WaitStarted') {
        const part: Part = { role: event.kind, name: event.wait };
        this.#begin(part);
        if (part.role === 'wait') this.#hear(part);
      }
    }
  }

  #hear(part: Part): void {
    const isRefused = this.#hasFault(part, 'rejected') || this.#hasFault(part, 'late rejection');
    const message = this.#fromOutside(part.name, isRefused);
    if (this.#hasFault(part, 'late') || this.#hasFault(part, 'late rejection'))
      this.#held.set(`wait ${part.name}`, message);
    else if (!this.#hasFault(part, 'silent'))
      this.#inbox.push(...(this.#hasFault(part, 'duplicated') ? [message, message] : [message]));
  }

  #begin(part: Part): void {
    if (this.#hasFault(part, 'cancelled'))
      this.#next.push({ what: 'cancelled', input: (at) => ({ type: 'cancel', messageId: 'm-cancel', at }) });
    if (this.#hasFault(part, 'deadline')) this.#next.push(this.#deadline);
    if (this.#hasFault(part, 'paused')) this.#next.push(this.#operator('pause'));
  }

  /** Lets the late answers come for which the saga does not wait any more. */
  #releaseHeld(): void {
    const waits = new Set([
      ...awaited(this.#state).map(({ exchange }) => exchange.commandId),
      ...openWaits(this.#state).map(({ name }) => `wait ${name}`),
    ]);
    for (const [id, delivery] of this.#held)
      if (!waits.has(id)) {
        this.#held.delete(id);
        this.#next.push(delivery);
      }
  }

  #fromInbox = (): Delivery | undefined =>
    this.#options.order === 'newest first' ? this.#inbox.pop() : this.#inbox.shift();

  #timer(): Delivery | undefined {
    const [first] = [...this.#timers.values()].toSorted((one, other) => one.dueAt - other.dueAt);
    if (first === undefined) return undefined;
    this.#now = Math.max(this.#now, first.dueAt);
    const { role, step: name, token } = first;
    const part = role === 'deadline' ? undefined : { role, name };
    const what = `(timer of the ${role} ${name})`;
    const delivery: Delivery = { what, part, input: (at) => ({ type: 'timer', token, at }) };
    if (part !== undefined && this.#hasFault(part, 'duplicated')) this.#next.push(delivery);
    return delivery;
  }

  #deadline: Delivery = {
    what: '(deadline)',
    input: (at) => {
      const deadline = openDeadline(this.#definition, this.#state);
      return deadline && { type: 'timer', token: waitToken(deadline.id), at };
    },
  };

  #operator = (action: 'pause' | 'resume'): Delivery => ({
    what: `(${action})`,
    input: (at) =>
      refusalOf(this.#definition, { action }, this.#state) === undefined
        ? { type: 'operator', action, actor: 'ops', reason: 'a look', at }
        : undefined,
  });
  #resume = (): Delivery | undefined =>
    'paused' in this.#state && this.#state.paused !== undefined ? this.#operator('resume') : undefined;

  #fromOutside(name: string, isRefused: boolean): Delivery {
    const wait = waitsOf(this.#definition).find((each) => each.name === name)!;
    const declaration = (isRefused ? wait.refused : undefined) ?? wait.event;
    const { start, replies: samples = [] } = this.#options;
    const message = replyMessage(declaration, declaration.type, { start, command: start, samples });
    const heard = {
      type: 'message',
      message,
      messageId: `m-${message.type}`,
      causationId: 'outside',
    } as const;
    return { what: message.type, part: { role: 'wait', name }, input: (at) => ({ ...heard, at }) };
  }

  #start(): Delivery {
    const { start: message } = this.#options;
    const sagaId = this.#definition.id(message);
    const about = { messageId: 'm-start', correlationId: sagaId, partition: 0 };
    const startTopic = this.#definition.starts.topic.name;
    return {
      what: message.type,
      input: (at) => ({ type: 'start', sagaId, message, startTopic, ...about, at }),
    };
  }
}
