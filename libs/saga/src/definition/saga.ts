import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { z } from 'zod';
import type { AnyTopic, BeforePivot, CommandsOf, Received, SagaOptions } from './builder-types.ts';
import { messagesOf, type BuildCommand, type SagaDefinition, type Step } from './definition.ts';
import { SagaError } from '../errors.ts';

/**
 * A step's options as the builder's methods receive them. The public types are in
 * `builder-types.ts`.
 */
interface UntypedOptions {
  command(source: never): Message;
  compensation(source: never): Message;
  readonly accepted: MessageDeclaration;
  readonly rejected: MessageDeclaration;
  readonly compensated: MessageDeclaration;
  readonly timeout?: number;
  readonly resends?: number;
  readonly local?: boolean;
}

type Draft = Omit<SagaDefinition, 'closing'> & { readonly subject: string };

/**
 * Begins a saga's definition: compensatable steps, a pivot, retriable steps, then
 * `whenCompensated`, in this order only. The compiler rejects
 *
 * - a compensatable step without a compensation, or after the pivot;
 * - a reply that belongs to another step;
 * - a command that is on none of the topics.
 *
 * Throws `SagaError` (`invalid_definition`) for mistakes that types cannot show.
 */
export function saga<
  Starts extends MessageDeclaration,
  const Commands extends readonly AnyTopic[],
  const Subject extends string,
  Personal extends z.ZodType = z.ZodUndefined,
>(
  name: string,
  options: SagaOptions<Starts, Commands, Subject, Personal>,
): BeforePivot<{
  subject: Subject;
  start: Extract<Received<Starts>, Message>;
  personal: z.output<Personal>;
  commands: Extract<CommandsOf<Commands[number]>, Message>;
  reasons: never;
  replies: Starts['type'];
}> {
  const { version, starts, startsLocally = false, subject, personal } = options;
  const id = options.id as (start: Message) => string;
  if (!Number.isInteger(version) || version < 1)
    throw invalid(name, `version ${version} is not a whole number of at least 1`);
  const draft: Draft = {
    name: plainName(name, name),
    version,
    starts,
    startsLocally,
    id,
    personal,
    subject,
    commands: byType(name, options.commands),
    steps: [],
  };
  return builder(draft) as unknown as ReturnType<typeof saga<Starts, Commands, Subject, Personal>>;
}

function builder(draft: Draft) {
  const withStep = (step: Step) => builder({ ...draft, steps: [...draft.steps, freshStep(draft, step)] });
  const building = (build: (source: never) => Message): BuildCommand => named(draft.subject, build);
  return {
    step: (
      name: string,
      { command, compensation, accepted, rejected, compensated, timeout, resends }: UntypedOptions,
    ) =>
      withStep({
        kind: 'compensatable',
        name,
        command: building(command),
        compensation: building(compensation),
        accepted,
        rejected,
        compensated,
        timeoutMs: timeout,
        resendsMax: resends,
      }),
    pivot: (name: string, { command, accepted, rejected, timeout, local = false }: UntypedOptions) =>
      withStep({
        kind: 'pivot',
        name,
        command: building(command),
        accepted,
        rejected,
        timeoutMs: timeout,
        local,
      }),
    retriable: (name: string, { command, accepted, timeout }: UntypedOptions) =>
      withStep({ kind: 'retriable', name, command: building(command), accepted, timeoutMs: timeout }),
    cancelledBy: (message: MessageDeclaration, { reason }: { reason: string }) =>
      builder({ ...draft, cancelledBy: { message, reason } }),
    whenCompensated: (command: (source: never) => Message, { accepted }: { accepted: MessageDeclaration }) =>
      complete(draft, { command: building(command), accepted }),
  };
}

function complete({ subject: _, ...draft }: Draft, closing: SagaDefinition['closing']): SagaDefinition {
  if (draft.steps.length === 0) throw invalid(draft.name, 'it has no steps');
  const definition = Object.freeze({ ...draft, steps: Object.freeze(draft.steps), closing });
  const types = messagesOf(definition).map((message) => `${message.topic.name}/${message.type}`);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined)
    throw invalid(draft.name, `it uses two declarations of ${twice}: use the same one everywhere`);
  return definition;
}

/** Passes the start message on under the name that the definition gives it. */
const named =
  (subject: string, build: (source: never) => Message): BuildCommand =>
  (source) =>
    build({
      [subject]: source.start,
      failure: source.failure,
      get personal() {
        return source.personal;
      },
    } as never);

function freshStep(draft: Draft, step: Step): Step {
  plainName(draft.name, step.name);
  if (draft.steps.some((other) => other.name === step.name))
    throw invalid(draft.name, `two steps are called ${step.name}`);
  if (step.timeoutMs !== undefined && !(step.timeoutMs > 0))
    throw invalid(draft.name, `the timeout of ${step.name} must be more than 0 ms`);
  return Object.freeze(step);
}

function byType(name: string, topics: readonly AnyTopic[]): ReadonlyMap<string, MessageDeclaration> {
  const types = topics.flatMap((topic) =>
    Object.values(topic as unknown as Record<string, MessageDeclaration>).filter(
      (value) => 'schema' in value,
    ),
  );
  const byName = new Map(types.map((type) => [type.type, type]));
  if (byName.size !== types.length)
    throw invalid(name, 'two of its command topics have a message type of the same name');
  return byName;
}

function plainName(saga: string, name: string): string {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
    throw invalid(
      saga,
      `"${name}" is not a name: use 1 to 40 lower-case letters, digits or dashes, beginning with a letter`,
    );
  return name;
}

const invalid = (name: string, what: string) => new SagaError('invalid_definition', `saga ${name}: ${what}`);
