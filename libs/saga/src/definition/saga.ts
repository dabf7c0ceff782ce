import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { z } from 'zod';
import type { AnyTopic, CommandsOf, PersonalOf, Received, SagaOptions } from './builder-types.ts';
import type { BeforePivot } from './builder.ts';
import {
  messagesOf,
  nodesOf,
  waitsOf,
  stepsOf,
  type BuildCommand,
  type ChooseResult,
  type Facts,
  type Flow,
  type FlowNode,
  type SagaDefinition,
  type Step,
} from './definition.ts';
import { SagaError } from '../errors.ts';

/** The options of steps and waits as the builder's methods receive them. Their public types are in `builder.ts`. */
interface UntypedStep {
  command(source: never): Message;
  compensation(source: never): Message;
  readonly accepted: MessageDeclaration;
  readonly rejected: MessageDeclaration;
  readonly compensated: MessageDeclaration;
  readonly result?: ChooseResult;
  readonly timeout?: number;
  readonly resends?: number;
  readonly local?: boolean;
}
interface UntypedWait {
  readonly event: MessageDeclaration;
  readonly refused?: MessageDeclaration;
  readonly result?: ChooseResult;
  readonly within: number;
  readonly timedOut: (path: Path) => Path;
}
interface UntypedBranch {
  when(facts: never): boolean;
  readonly then: (path: Path) => Path;
  readonly otherwise?: (path: Path) => Path;
}
/** A path of a branch or a timeout, as far as it is built. */
interface Path {
  readonly flow: Flow;
}
/** The steps that run side by side, as far as they are built. */
interface Group {
  readonly steps: readonly Step[];
}
type Draft = Omit<SagaDefinition, 'closing'> & { readonly subject: string };

/**
 * Begins a saga's definition: steps that can be undone, groups, branches and waits, then perhaps a
 * pivot and steps that cannot fail, then `whenCompensated`, in this order only. If a step fails
 * before the pivot, the accepted ones are compensated, the last one first. The compiler rejects
 *
 * - a compensatable step without a compensation, or after the pivot;
 * - a message that has another meaning in the saga already, and a name that is taken;
 * - a result that does not exist yet, or that may not exist and is used as if it did;
 * - a path of a branch that neither joins the flow nor fails;
 * - a command that is on none of the topics.
 *
 * Throws `SagaError` (`invalid_definition`) for mistakes that types cannot show.
 *
 * @example
 * ```ts
 * import { saga } from '@millrace/saga';
 *
 * export const trip = saga('trip', {
 *   version: 1, // a changed flow gets a new version, and live instances keep theirs
 *   starts: tripEvents.TripAsked,
 *   id: (asked) => asked.tripId, // has to be the key of the message
 *   subject: 'trip', // the name under which the functions below get the start message
 *   commands: [tripCommands],
 * })
 *   .inform('mail', {
 *     command: ({ trip: { tripId } }) => tripCommands.MailPlan({ tripId }),
 *     accepted: tripEvents.PlanMailed,
 *   })
 *   .whenCompensated(
 *     ({ trip: { tripId }, failure: { reason } }) => tripCommands.CloseTrip({ tripId, reason }),
 *     { accepted: tripEvents.TripClosed },
 *   );
 * ```
 */
export function saga<
  Starts extends MessageDeclaration,
  const Commands extends readonly AnyTopic[],
  const Subject extends string,
  Personal extends z.ZodType = z.ZodUndefined,
  const Overdue extends string = never,
>(
  name: string,
  options: SagaOptions<Starts, Commands, Subject, Personal, Overdue>,
): BeforePivot<{
  subject: Subject;
  start: Extract<Received<Starts>, Message>;
  personal: PersonalOf<z.output<Personal>>;
  commands: Extract<CommandsOf<Commands[number]>, Message>;
  reasons: Overdue;
  replies: Starts['type'];
  names: never;
  results: object;
}> {
  const { version, starts, startsLocally = false, subject, personal, deadline } = options;
  const id = options.id as (start: Message) => string;
  const startsWhen = options.startsWhen as ((start: Message) => boolean) | undefined;
  if (!Number.isInteger(version) || version < 1)
    throw invalid(name, `version ${version} is not a whole number of at least 1`);
  if (deadline !== undefined) duration(name, 'the deadline', deadline.after);
  const draft: Draft = {
    name: plainName(name, name),
    version,
    starts,
    startsLocally,
    id,
    ...(startsWhen && { startsWhen }),
    ...(deadline && { deadline }),
    personal,
    subject,
    commands: byType(name, options.commands),
    flow: [],
  };
  return builder(draft) as never;
}

function builder(draft: Draft): unknown {
  const goOn = (node: FlowNode): unknown => builder({ ...draft, flow: [...draft.flow, Object.freeze(node)] });
  return {
    ...nodes(draft, goOn),
    cancelledBy: (message: MessageDeclaration, { reason }: { reason: string }) =>
      builder({ ...draft, cancelledBy: { message, reason } }),
    whenCompensated: (command: (source: never) => Message, { accepted }: { accepted: MessageDeclaration }) =>
      complete(draft, { command: named(draft.subject, command), accepted }),
  };
}

/** Builds a path of a branch or a timeout. */
function pathOf(draft: Draft, flow: Flow = []): Path {
  const goOn = (node: FlowNode): Path => pathOf(draft, [...flow, Object.freeze(node)]);
  const fail = (reason: string): Path => goOn({ kind: 'fail', reason });
  return Object.assign({ flow, fail }, nodes(draft, goOn));
}
/** Builds the steps that run side by side. */
function groupOf(draft: Draft, steps: readonly Step[] = []): Group {
  const goOn = (step: FlowNode): Group => groupOf(draft, [...steps, Object.freeze(step) as Step]);
  const { step, retriable } = nodes(draft, goOn);
  return Object.assign({ steps }, { step, retriable });
}

/** The methods that add a node to a flow, and return the result of `goOn`. */
function nodes(draft: Draft, goOn: (node: FlowNode) => unknown) {
  const { name: saga, subject } = draft;
  const building = (build: (source: never) => Message): BuildCommand => named(subject, build);
  const common = (name: string, { command, accepted, result, timeout }: UntypedStep) => {
    if (timeout !== undefined) duration(saga, `the timeout of ${name}`, timeout);
    return {
      name: plainName(saga, name),
      command: building(command),
      accepted,
      ...(result && { result }),
      timeoutMs: timeout,
    };
  };
  const flowOf = (build: ((path: Path) => Path) | undefined): Flow =>
    build === undefined ? [] : build(pathOf(draft)).flow;
  const retriable = (name: string, options: UntypedStep) =>
    goOn({ kind: 'retriable', ...common(name, options) });
  return {
    step: (name: string, options: UntypedStep) =>
      goOn({
        kind: 'compensatable',
        ...common(name, options),
        rejected: options.rejected,
        compensation: building(options.compensation),
        compensated: options.compensated,
        resendsMax: options.resends,
      }),
    pivot: (name: string, options: UntypedStep) =>
      goOn({
        kind: 'pivot',
        ...common(name, options),
        rejected: options.rejected,
        local: options.local ?? false,
      }),
    retriable,
    inform: retriable,
    parallel(build: (group: Group) => Group): unknown {
      const { steps } = build(groupOf(draft));
      if (steps.length < 2) throw invalid(saga, 'a parallel group needs at least two steps');
      return goOn({ kind: 'group', steps });
    },
    branch: (name: string, { when, then, otherwise }: UntypedBranch) =>
      goOn({
        kind: 'branch',
        name: plainName(saga, name),
        when: ({ start, results }: Facts) => when({ [subject]: start, results } as never),
        then: flowOf(then),
        otherwise: flowOf(otherwise),
      }),
    delay: (name: string, ms: number) =>
      goOn({ kind: 'delay', name: plainName(saga, name), ms: duration(saga, `the delay ${name}`, ms) }),
    waitFor: (name: string, { event, refused, result, within, timedOut }: UntypedWait) =>
      goOn({
        kind: 'wait',
        name: plainName(saga, name),
        event,
        ...(refused && { refused }),
        ...(result && { result }),
        ms: duration(saga, `the wait ${name}`, within),
        timedOut: flowOf(timedOut),
      }),
  };
}

function complete({ subject: _, ...draft }: Draft, closing: SagaDefinition['closing']): SagaDefinition {
  const definition = Object.freeze({ ...draft, flow: Object.freeze(draft.flow), closing });
  if (stepsOf(definition).length === 0)
    throw invalid(draft.name, 'it has no steps: add step, pivot or inform');
  const names = nodesOf(draft.flow).flatMap((node) => ('name' in node ? [node.name] : []));
  const taken = repeated(names);
  if (taken !== undefined) throw invalid(draft.name, `two parts of it are called ${taken}`);
  const types = messagesOf(definition).map((message) => `${message.topic.name}/${message.type}`);
  const twice = repeated(types);
  if (twice !== undefined)
    throw invalid(draft.name, `it uses two declarations of ${twice}: use the same one everywhere`);
  for (const { name, event } of waitsOf(definition))
    if (event.topic.key !== draft.starts.topic.key)
      throw invalid(
        draft.name,
        `${name} waits for ${event.type}, whose key is ${event.topic.key} instead of ${draft.starts.topic.key}: ` +
          `let its service publish an event with the key of ${draft.starts.type}`,
      );
  return definition;
}
const repeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index);

/** Passes the start message on under the name that the definition gives it. */
const named =
  (subject: string, build: (source: never) => Message): BuildCommand =>
  (source) =>
    build({
      [subject]: source.start,
      results: source.results,
      failure: source.failure,
      get personal() {
        return source.personal;
      },
    } as never);

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
function duration(saga: string, what: string, ms: number): number {
  if (!(ms > 0)) throw invalid(saga, `${what} must be more than 0 ms`);
  return ms;
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
