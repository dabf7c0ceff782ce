import { assertNever } from '@millrace/event-sourcing';
import type { Flow, FlowNode, SagaDefinition, Step } from '../definition/definition.ts';
import { stepsOf } from '../definition/definition.ts';

/** An arrow that has a beginning: what comes next in the flow is its end. */
interface OpenEnd {
  readonly from: string;
  readonly label?: string;
}
/** The part of a diagram that a part of the flow has led to. */
interface Drawn {
  readonly lines: readonly string[];
  readonly ends: readonly OpenEnd[];
}

/**
 * Draws a definition as a Mermaid flowchart: its steps in order, groups side by side, both paths of each
 * branch, waits with the path of their timeout, and the compensation, whose steps are undone in reverse
 * order. Solid arrows carry the reply that leads on, and dotted ones what starts the compensation.
 */
export function sagaDiagram(definition: SagaDefinition): string {
  const { starts, startsWhen, flow, closing } = definition;
  const start = { from: 'start', label: startsWhen && 'if its condition holds' };
  const { lines, ends } = drawFlow(flow, [start]);
  return [
    'flowchart TD',
    `  start(["${starts.type}"])`,
    ...lines,
    '  completed(["completed"])',
    ...ends.map((end) => arrow(end, 'completed')),
    ...interruptions(definition),
    ...compensation(definition),
    `  closing["close"]`,
    `  closing -->|"${closing.accepted.type}"| compensated(["compensated"])`,
    '  classDef pivot stroke-width:4px',
    '',
  ].join('\n');
}

const drawFlow = (flow: Flow, ends: readonly OpenEnd[]): Drawn =>
  flow.reduce<Drawn>(
    (drawn, node) => {
      const next = drawNode(node, drawn.ends);
      return { lines: [...drawn.lines, ...next.lines], ends: next.ends };
    },
    { lines: [], ends },
  );

function drawNode(node: FlowNode, ends: readonly OpenEnd[]): Drawn {
  const into = (id: string) => ends.map((end) => arrow(end, id));
  switch (node.kind) {
    case 'compensatable':
    case 'pivot':
    case 'retriable': {
      const drawn = drawStep(node);
      return { lines: [...into(idOf(node)), ...drawn.lines], ends: drawn.ends };
    }
    case 'group': {
      const id = `${idOf(node.steps[0]!)}_together`;
      const steps = node.steps.map((step) => ({ drawn: drawStep(step), step }));
      return {
        lines: [
          `  ${id}{{"side by side"}}`,
          ...into(id),
          ...steps.flatMap(({ drawn, step }) => [
            arrow({ from: id }, idOf(step)),
            ...drawn.lines,
            ...drawn.ends.map((end) => arrow(end, `${id}_done`)),
          ]),
          `  ${id}_done{{"all accepted"}}`,
        ],
        ends: [{ from: `${id}_done` }],
      };
    }
    case 'branch': {
      const id = idOf(node);
      const then = drawFlow(node.then, [{ from: id, label: 'yes' }]);
      const otherwise = drawFlow(node.otherwise, [{ from: id, label: 'no' }]);
      return {
        lines: [`  ${id}{"${node.name}?"}`, ...into(id), ...then.lines, ...otherwise.lines],
        ends: [...then.ends, ...otherwise.ends],
      };
    }
    case 'delay': {
      const id = idOf(node);
      const lines = [`  ${id}[/"${node.name}: wait ${duration(node.ms)}"/]`, ...into(id)];
      return { lines, ends: [{ from: id }] };
    }
    case 'wait': {
      const id = idOf(node);
      const late = drawFlow(node.timedOut, [{ from: id, label: 'not in time' }]);
      const refused =
        node.refused === undefined ? [] : [arrow({ from: id, label: node.refused.type }, 'undo', 'dotted')];
      const wait = `  ${id}[/"${node.name}: wait for ${node.event.type}, ${duration(node.ms)}"/]`;
      return {
        lines: [wait, ...into(id), ...refused, ...late.lines],
        ends: [{ from: id, label: node.event.type }, ...late.ends],
      };
    }
    case 'fail': {
      const because = (label: string | undefined) =>
        label === undefined ? node.reason : `${label}: ${node.reason}`;
      const lines = ends.map(({ from, label }) => arrow({ from, label: because(label) }, 'undo', 'dotted'));
      return { lines, ends: [] };
    }
    default:
      return assertNever(node);
  }
}

function drawStep(step: Step): Drawn {
  const id = idOf(step);
  const ends = [{ from: id, label: step.accepted.type }];
  const refused = (label: string) => arrow({ from: id, label }, 'undo', 'dotted');
  switch (step.kind) {
    case 'compensatable':
      return { lines: [`  ${id}["${step.name}"]`, refused(`${step.rejected.type}, or no reply`)], ends };
    case 'pivot':
      return { lines: [`  ${id}[["${step.name} (pivot)"]]:::pivot`, refused(step.rejected.type)], ends };
    case 'retriable':
      return { lines: [`  ${id}["${step.name}"]`], ends };
    default:
      return assertNever(step);
  }
}

/** Draws what may start the compensation whatever the saga waits for. */
function interruptions({ cancelledBy, deadline }: SagaDefinition): readonly string[] {
  const untilPivot = { label: 'until the pivot is sent' };
  return [
    ...(cancelledBy === undefined
      ? []
      : [
          `  cancelled(["${cancelledBy.message.type}"])`,
          arrow({ from: 'cancelled', ...untilPivot }, 'undo', 'dotted'),
        ]),
    ...(deadline === undefined
      ? []
      : [
          `  deadline(["deadline of ${duration(deadline.after)}"])`,
          arrow({ from: 'deadline', ...untilPivot }, 'undo', 'dotted'),
        ]),
  ];
}

function compensation(definition: SagaDefinition): readonly string[] {
  const undone = stepsOf(definition).flatMap((step) => (step.kind === 'compensatable' ? [step] : []));
  const lines: string[] = ['  undo{{"undo what was sent, the last first"}}'];
  let end: OpenEnd = { from: 'undo' };
  for (const step of undone.toReversed()) {
    const id = `undo_${idOf(step)}`;
    lines.push(`  ${id}["undo ${step.name}"]`, arrow(end, id));
    end = { from: id, label: step.compensated.type };
  }
  return [...lines, arrow(end, 'closing')];
}

/** A prefix keeps the name from being a word of Mermaid's own, such as `end`. */
const idOf = ({ name }: { readonly name: string }): string => `part_${name.replaceAll('-', '_')}`;

function arrow({ from, label }: OpenEnd, to: string, style: 'solid' | 'dotted' = 'solid'): string {
  const line = style === 'solid' ? '-->' : '-.->';
  return `  ${from} ${line}${label === undefined ? '' : `|"${label}"|`} ${to}`;
}

const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
  [1, 'ms'],
] as const;

function duration(ms: number): string {
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? units[4];
  const count = ms / size;
  return `${count} ${unit}${count === 1 || unit === 'ms' ? '' : 's'}`;
}
