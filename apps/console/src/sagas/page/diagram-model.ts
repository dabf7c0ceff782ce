import type { SagaPart } from '@millrace/operations/contract';
import type { KnownDefinition } from '../../api/saga-definitions.ts';
import { span, words } from '../../kit/words.ts';

/** A message that leads on, or that starts the undoing. */
export interface Reply {
  readonly type: string;
  readonly topic: string;
  readonly leadsOn: boolean;
}

export interface Card {
  readonly kind: 'start' | Exclude<SagaPart['kind'], 'parallel' | 'branch'> | 'undo' | 'triggers' | 'end';
  readonly name: string;
  readonly replies: readonly Reply[];
  /** What else there is to say, a line each. */
  readonly facts: readonly string[];
  /** The live sagas that wait there, and the page that lists them. */
  readonly waiting?: { readonly instances: number; readonly href: string } | undefined;
  /** What undoes a step. */
  readonly undo?: Card | undefined;
}

/** Paths side by side: all of a parallel group, or one of a choice. */
interface Fork {
  readonly title: string;
  readonly paths: ReadonlyArray<{ readonly label: string; readonly drawn: readonly Drawn[] }>;
}

export type Drawn = Card | Fork;

/** What stands at one height: a part on the way down, and what undoes it on the way back up. */
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

/** Lays out a definition from its start down, and what undoes it beside it, from the bottom up. */
export function rowsOf(definition: Definition): readonly Row[] {
  const { name, starts, startsConditionally, closing } = definition;
  const waitingAt: WaitingAt = (part, status) => {
    const found = definition.waiting.find((one) => one.part === part && one.status === status);
    const query = new URLSearchParams({ definition: name, step: part, state: status });
    return found && { instances: found.instances, href: `/sagas?${query.toString()}` };
  };
  const drawn = definition.parts.flatMap((part) => drawnOf(part, waitingAt));
  const pivot = drawn.findIndex((one) => cardsOf(one).some(({ kind }) => kind === 'pivot'));
  const phaseOf = (index: number) =>
    pivot < 0 || index < pivot ? 'undoable' : index === pivot ? 'pivot' : 'final';
  const starting = startsConditionally ? ['if the condition of the definition holds'] : [];
  const triggers = triggersOf(definition, drawn.flatMap(cardsOf));
  return [
    {
      down: { kind: 'start', name: 'start', replies: repliesOf(starts), facts: starting },
      up: [
        { kind: 'end', name: 'compensated', replies: [], facts: [] },
        {
          kind: 'undo',
          name: 'close the saga',
          replies: repliesOf(closing.accepted),
          facts: [],
          waiting: waitingAt('(closing)', 'closing'),
        },
      ],
      phase: 'start',
    },
    ...drawn.map((down, index): Row => {
      const undoes = cardsOf(down).flatMap(({ undo }) => undo ?? []);
      return { down, up: index === pivot ? [...undoes, triggers] : undoes, phase: phaseOf(index) };
    }),
    {
      down: { kind: 'end', name: 'completed', replies: [], facts: [] },
      up: pivot < 0 ? [triggers] : [],
      phase: 'end',
    },
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
      return [{ ...part, replies: [], facts: [span(part.ms)], waiting: waitingAt(part.name, 'running') }];
    case 'fail':
      return [{ kind: part.kind, name: words(part.reason), replies: [], facts: [] }];
    case 'wait': {
      const { kind, name, event, refused, timeoutMs, timedOut } = part;
      const [late, ...others] = timedOut;
      const ends =
        late?.kind === 'fail' && others.length === 0
          ? `the saga is undone: ${words(late.reason)}`
          : 'it goes on';
      const splits = timedOut.length > 0 && ends === 'it goes on';
      const facts = [splits ? `for ${span(timeoutMs)}` : `after ${span(timeoutMs)} ${ends}`];
      const replies = repliesOf(event, refused);
      const card: Card = { kind, name, replies, facts, waiting: waitingAt(name, 'running') };
      const fork = { title: `${name} in time?`, paths: [pathOf('yes', []), pathOf('no', timedOut)] };
      return splits ? [card, fork] : [card];
    }
    default:
      return [cardOfStep(part, waitingAt)];
  }
}

const cardOfStep = (step: Step, waitingAt: WaitingAt): Card => ({
  kind: step.kind,
  name: step.name,
  replies: repliesOf(step.accepted, step.rejected),
  facts: factsOf(step),
  waiting: waitingAt(step.name, 'running'),
  undo:
    step.compensation === null
      ? undefined
      : {
          kind: 'undo',
          name: `undo ${step.name}`,
          replies: repliesOf(step.compensation.accepted),
          facts: [],
          waiting: waitingAt(step.name, 'compensating'),
        },
});

/** Only a step times out after its resends. Everything else is sent until it is answered. */
function factsOf({ kind, local, timeoutMs, resendsMax }: Step): readonly string[] {
  if (local) return ['decided by the service itself'];
  const resends = kind === 'step' ? (resendsMax ?? 'as usual') : 'until answered';
  return [`timeout ${timeoutMs === null ? 'as usual' : span(timeoutMs)}, resends ${resends}`];
}

function triggersOf({ deadline, cancelledBy }: Definition, cards: readonly Card[]): Card {
  const isRefusable = cards.some(({ replies }) => replies.some(({ leadsOn }) => !leadsOn));
  const facts = [
    ...(isRefusable ? ['a refusal, or a step without a reply'] : []),
    ...(cancelledBy === null ? [] : [`${cancelledBy.message.type}: ${words(cancelledBy.reason)}`]),
    ...(deadline === null ? [] : [`the deadline of ${span(deadline.afterMs)}: ${words(deadline.reason)}`]),
    'an operator',
  ];
  return { kind: 'triggers', name: 'What starts the undoing', replies: [], facts };
}
