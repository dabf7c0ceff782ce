import type { SagaPart } from '@millrace/operations/contract';
import type { KnownDefinition } from '../../api/sagas.ts';
import { span, words } from '../../kit/words.ts';

/** A message that continues the saga, or that starts its compensation. */
interface Reply {
  readonly type: string;
  readonly topic: string;
  readonly leadsOn: boolean;
}

export interface Card {
  readonly kind: 'start' | Exclude<SagaPart['kind'], 'parallel' | 'branch'> | 'undo' | 'triggers' | 'end';
  readonly name: string;
  readonly replies?: readonly Reply[];
  /** Further facts, one line each. */
  readonly facts?: readonly string[];
  /** The live sagas that wait there, and the page that lists them. */
  readonly waiting?: { readonly instances: number; readonly href: string } | undefined;
  /** The compensation of a step. */
  readonly undo?: Card | null;
}

/** Paths side by side: all of a parallel group, or one of a choice. */
interface Fork {
  readonly title: string;
  readonly paths: ReadonlyArray<{ readonly label: string; readonly drawn: readonly Drawn[] }>;
}

export type Drawn = Card | Fork;

/** One row: a part of the flow on the way down, and its compensation on the way back up. */
export interface Row {
  readonly down: Drawn;
  readonly up: readonly Card[];
  readonly phase: 'start' | 'undoable' | 'pivot' | 'final' | 'end';
}

type Definition = Pick<
  KnownDefinition,
  'name' | 'starts' | 'startsConditionally' | 'parts' | 'closing' | 'waiting' | 'deadline' | 'cancelledBy'
>;
type Step = Extract<SagaPart, { readonly local: boolean }>;
type WaitingAt = (part: string, status: KnownDefinition['waiting'][number]['status']) => Card['waiting'];

/**
 * Lays out a definition from its start down, and its compensations beside it, from the bottom up.
 */
export function rowsOf(definition: Definition): readonly Row[] {
  const { name, starts, startsConditionally, closing } = definition;
  const waitingAt: WaitingAt = (part, status) => {
    const found = definition.waiting.find((one) => one.part === part && one.status === status);
    const query = new URLSearchParams({ definition: name, step: part, state: status });
    return found && { instances: found.instances, href: `/sagas?${query.toString()}` };
  };
  const drawn = definition.parts.flatMap((part) => drawnOf(part, waitingAt));
  const pivot = drawn.findIndex((one) => cardsOf(one).some(({ kind }) => kind === 'pivot'));
  const triggers = triggersOf(definition, drawn.flatMap(cardsOf));
  const start: Card = {
    kind: 'start',
    name: 'start',
    replies: repliesOf(starts),
    facts: startsConditionally ? ['if the condition of the definition holds'] : [],
  };
  const close: Card = {
    kind: 'undo',
    name: 'close the saga',
    replies: repliesOf(closing.accepted),
    waiting: waitingAt('(closing)', 'closing'),
  };
  const rowOf = (down: Drawn, index: number): Row => {
    const undoes = cardsOf(down).flatMap(({ undo }) => undo ?? []);
    if (index === pivot) return { phase: 'pivot', down, up: [...undoes, triggers] };
    return { phase: pivot < 0 || index < pivot ? 'undoable' : 'final', down, up: undoes };
  };
  return [
    { phase: 'start', down: start, up: [{ kind: 'end', name: 'compensated' }, close] },
    ...drawn.map(rowOf),
    { phase: 'end', down: { kind: 'end', name: 'completed' }, up: pivot < 0 ? [triggers] : [] },
  ];
}

const repliesOf = (
  onward: Definition['starts'],
  refusal: Definition['starts'] | null = null,
): readonly Reply[] => [
  { ...onward, leadsOn: true },
  ...(refusal === null ? [] : [{ ...refusal, leadsOn: false }]),
];

const cardsOf = (drawn: Drawn): readonly Card[] =>
  'paths' in drawn ? drawn.paths.flatMap((path) => path.drawn.flatMap(cardsOf)) : [drawn];

function drawnOf(part: SagaPart, waitingAt: WaitingAt): readonly Drawn[] {
  const pathOf = (label: string, parts: readonly SagaPart[]) => ({
    label,
    drawn: parts.flatMap((one) => drawnOf(one, waitingAt)),
  });
  switch (part.kind) {
    case 'parallel':
      return [{ title: 'at the same time', paths: part.members.map((member) => pathOf('', [member])) }];
    case 'branch':
      return [{ title: `${part.name}?`, paths: [pathOf('yes', part.then), pathOf('no', part.otherwise)] }];
    case 'delay':
      return [{ ...part, facts: [span(part.ms)], waiting: waitingAt(part.name, 'running') }];
    case 'fail':
      return [{ kind: part.kind, name: words(part.reason) }];
    case 'wait': {
      const { kind, name, timeoutMs, timedOut } = part;
      const [late, ...others] = timedOut;
      const cardSaying = (fact: string): Card => ({
        kind,
        name,
        replies: repliesOf(part.event, part.refused),
        facts: [fact],
        waiting: waitingAt(name, 'running'),
      });
      if (late === undefined) return [cardSaying(`after ${span(timeoutMs)} it goes on`)];
      if (late.kind === 'fail' && others.length === 0)
        return [cardSaying(`after ${span(timeoutMs)} the saga is undone: ${words(late.reason)}`)];
      const paths = [pathOf('yes', []), pathOf('no', timedOut)];
      return [cardSaying(`for ${span(timeoutMs)}`), { title: `${name} in time?`, paths }];
    }
    default:
      return [cardOfStep(part, waitingAt)];
  }
}

function cardOfStep(step: Step, waitingAt: WaitingAt): Card {
  const { kind, name, accepted, rejected, compensation } = step;
  const undo: Card | null = compensation && {
    kind: 'undo',
    name: `undo ${name}`,
    replies: repliesOf(compensation.accepted),
    waiting: waitingAt(name, 'compensating'),
  };
  const replies = repliesOf(accepted, rejected);
  return { kind, name, replies, facts: factsOf(step), waiting: waitingAt(name, 'running'), undo };
}

/**
 * Returns the facts of a step. Only a compensatable step times out after its re-sends; other
 * commands are sent until they are answered.
 */
function factsOf({ kind, local, timeoutMs, resendsMax }: Step): readonly string[] {
  if (local) return ['decided by the service itself'];
  const resends = kind === 'step' ? (resendsMax ?? 'as usual') : 'until answered';
  return [`timeout ${timeoutMs === null ? 'as usual' : span(timeoutMs)}, resends ${resends}`];
}

function triggersOf({ deadline, cancelledBy }: Definition, cards: readonly Card[]): Card {
  const isRefusable = cards.some(({ replies }) => replies?.some(({ leadsOn }) => !leadsOn));
  const facts = [
    ...(isRefusable ? ['a refusal, or a step without a reply'] : []),
    ...(cancelledBy === null ? [] : [`${cancelledBy.message.type}: ${words(cancelledBy.reason)}`]),
    ...(deadline === null ? [] : [`the deadline of ${span(deadline.afterMs)}: ${words(deadline.reason)}`]),
    'an operator',
  ];
  return { kind: 'triggers', name: 'What starts the undoing', facts };
}
