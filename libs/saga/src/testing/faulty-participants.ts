import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import { stepOf, type SagaDefinition } from '../definition/definition.ts';
import type { CommandToSend } from '../decision/decide.ts';
import { isAt, type FaultKind, type Part } from './faults.ts';
import { replyMessage } from './replies.ts';

/** The actual effect of a participant's step. */
export type Effect = 'none' | 'done' | 'refused' | 'undone';

export interface Answer {
  readonly part: Part;
  readonly message: Message;
  readonly messageId: string;
  readonly causationId: string;
  /** When the answer is delivered. */
  readonly comes: 'now' | 'once given up' | 'never';
}

interface Letter {
  readonly part: Part;
  readonly command: CommandToSend;
  readonly message: Message;
}

interface ParticipantsOptions {
  readonly definition: SagaDefinition;
  readonly start: Message;
  readonly samples: readonly Message[];
  readonly hasFault: (part: Part, kind: FaultKind) => boolean;
}

/** The number of sendings after which a silent participant answers. */
const sendingsUntilAnswer = 5;
const lettersUntilUp = 3;

/**
 * The participants of a saga, one for each step, which keep the rules of participants: a repeated
 * command has no new effect and gets the first answer again, and every undoing is answered.
 */
export class FaultyParticipants {
  readonly effects = new Map<string, Effect>();
  readonly #options: ParticipantsOptions;
  readonly #waiting = new Map<string, readonly Letter[]>();
  readonly #up = new Set<string>();
  readonly #sendings = new Map<string, number>();
  readonly #answers = new Map<string, Message>();

  constructor(options: ParticipantsOptions) {
    this.#options = options;
  }

  /** Takes a command, and returns the answers to it and to those that waited for the participant. */
  receive(letter: Letter): readonly Answer[] {
    const { name } = letter.part;
    const waiting = [...(this.#waiting.get(name) ?? []), letter];
    const isDown =
      waiting.some(({ part }) => this.#options.hasFault(part, 'participant down')) && !this.#up.has(name);
    if (isDown && waiting.length < lettersUntilUp) {
      this.#waiting.set(name, waiting);
      return [];
    }
    if (isDown) this.#up.add(name);
    this.#waiting.delete(name);
    return waiting.flatMap((each) => {
      const isTwice = this.#options.hasFault(each.part, 'duplicated');
      return (isTwice ? [each, each, each] : [each]).flatMap((taken) => this.#carryOut(taken));
    });
  }

  #carryOut({ part, command: { commandId }, message }: Letter): readonly Answer[] {
    const { hasFault } = this.#options;
    const sendings = (this.#sendings.get(commandId) ?? 0) + 1;
    this.#sendings.set(commandId, sendings);
    const isLate = hasFault(part, 'late') || hasFault(part, 'late rejection');
    const comes =
      sendings >= sendingsUntilAnswer || !(isLate || hasFault(part, 'silent'))
        ? 'now'
        : isLate
          ? 'once given up'
          : 'never';
    const answer = this.#answers.get(commandId) ?? this.#answer(part, message);
    this.#answers.set(commandId, answer);
    return [{ part, message: answer, messageId: `answer to ${commandId}`, causationId: commandId, comes }];
  }

  #answer(part: Part, command: Message): Message {
    const { definition, start, samples, hasFault } = this.#options;
    const isRefused = hasFault(part, 'rejected') || hasFault(part, 'late rejection');
    const effect = this.effects.get(part.name) ?? 'none';
    if (part.role === 'step' && effect === 'none')
      this.effects.set(part.name, isRefused ? 'refused' : 'done');
    if (part.role === 'compensation' && effect !== 'refused') this.effects.set(part.name, 'undone');
    const refused = part.role === 'step' && this.effects.get(part.name) === 'refused';
    return replyMessage(
      declarationOf(definition, part, refused),
      declarationOf(definition, part, refused).type,
      {
        start,
        command,
        samples,
      },
    );
  }
}

function declarationOf(definition: SagaDefinition, part: Part, refused: boolean): MessageDeclaration {
  if (part.role === 'closing') return definition.closing.accepted;
  const step = stepOf(definition, part.name);
  if (part.role === 'compensation' && step?.kind === 'compensatable') return step.compensated;
  if (step === undefined) throw new TypeError(`the saga ${definition.name} has no step ${part.name}`);
  return refused && step.kind !== 'retriable' ? step.rejected : step.accepted;
}

export const kindsAt =
  (faults: readonly { readonly part: Part; readonly kind: FaultKind }[], met: Set<unknown>) =>
  (part: Part, kind: FaultKind): boolean => {
    const found = faults.find((fault) => fault.kind === kind && isAt(fault.part, part));
    if (found !== undefined) met.add(found);
    return found !== undefined;
  };
