import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import ts from 'typescript';
import type { SagaPart } from '../source/saga-source.ts';
import { propertyOf, TypeScriptFile } from '../source/typescript-file.ts';
import { hiddenEventsOf } from './hidden-events.ts';
import { commandsWith, repliesWith, type Insertion, type Surroundings } from './flow-expectation.ts';
import type { NewStep } from './places-to-read.ts';
import type { Plan } from './plan.ts';
import { typeOf } from './saga-tests.ts';
import { testsToRead } from './tests-to-read.ts';

/**
 * Adds the step to the tests that expect the whole flow: conversations of the saga, and arrays with the story
 * of its replies, unless they tell the story without the events of such a step. Returns the tests to read.
 */
export function changeExpectations(tree: Tree, plan: Plan, unreleased: boolean): readonly string[] {
  const around = surroundingsOf(plan);
  if (around === undefined)
    return [
      `${plan.saga.path}: the step stands beside a group, a branch or a wait: read every test of the saga`,
    ];
  const mentions = new RegExp(
    `'(${[around.previousAccepted, around.next?.accepted].join('|')})'|\\.(${around.previousAccepted})\\(`,
  );
  const unchanged = new Set<string>();
  const isShown = hiddenEventsOf(tree, plan) === undefined;
  const paths = testFiles(tree, plan.saga.service);
  for (const path of paths) {
    if (!mentions.test(tree.read(path, 'utf8') ?? '')) continue;
    const file = new TypeScriptFile(tree, path);
    changeAll(file, around, conversations);
    if (!path.startsWith('test/') || isShown) changeAll(file, around, stories);
    else if (stories(file, around).length > 0) unchanged.add(path);
  }
  return testsToRead(tree, {
    saga: plan.saga,
    paths,
    step: newStepOf(plan, around, unreleased),
    accepted: plan.messages.accepted,
    previousAccepted: around.previousAccepted,
    mentions,
    unchanged,
  });
}

function newStepOf(plan: Plan, around: Surroundings, unreleased: boolean): NewStep {
  const { name, saga, place, messages } = plan;
  const { previousAccepted, previousUndone, next } = around;
  const flow = flowOf(plan);
  const given = (types: readonly (string | undefined)[]) => types.filter((type) => type !== undefined);
  return {
    name,
    answers: [
      {
        command: messages.command,
        reply: messages.accepted,
        beside: given([previousAccepted, next?.accepted]),
      },
      { command: messages.undo, reply: messages.undone, beside: given([previousUndone]) },
    ],
    previous: flow[place - 1]?.name,
    next: flow[place]?.name,
    earlierVersion: unreleased ? undefined : saga.version,
  };
}

function testFiles(tree: Tree, service: string): readonly string[] {
  const paths: string[] = [];
  for (const folder of [`apps/${service}/src`, 'test'])
    if (tree.exists(folder))
      visitNotIgnoredFiles(tree, folder, (path) => {
        const isTest = folder === 'test' || /\.(spec|fixture)\.ts$/.test(path);
        const isOfSaga = !path.startsWith('test/forking/') && !isOfChoreography(path);
        if (isTest && isOfSaga && path.endsWith('.ts')) paths.push(path);
      });
  return paths;
}

/** Tests of orders that no saga directs are in files and folders whose names begin with `choreograph`. */
const isOfChoreography = (path: string): boolean => path.includes('/choreograph');

const flowOf = ({ saga }: Plan): readonly SagaPart[] =>
  saga.parts.filter(({ method }) => !['cancelledBy', 'whenCompensated'].includes(method));

/** What stands around the step, unless it is a group, a branch or a wait. */
function surroundingsOf(plan: Plan): Surroundings | undefined {
  const { saga, place, messages } = plan;
  const flow = flowOf(plan);
  const previous = flow[place - 1];
  const next = flow[place];
  const closing = saga.parts.find(({ method }) => method === 'whenCompensated');
  const isPlain = (part: SagaPart | undefined) => part === undefined || part.accepted !== undefined;
  if (!isPlain(previous) || !isPlain(next) || closing === undefined) return undefined;
  const undoable = flow.slice(0, place).findLast(({ compensated }) => compensated !== undefined);
  const optional = (message: string | undefined) => (message === undefined ? undefined : typeOf(message));
  return {
    step: messages,
    previousAccepted: typeOf(previous?.accepted ?? saga.starts),
    previousUndone: optional(undoable?.compensated),
    previousUndo: undoable?.undo,
    next: next && {
      command: next.command,
      accepted: optional(next.accepted),
      rejected: optional(next.rejected),
      undo: next.undo,
      undone: optional(next.compensated),
      isLocal: next.isLocal,
    },
    commandAfterNext: flow[place + 1]?.command,
    closingCommand: closing.command ?? '',
    closingAccepted: typeOf(closing.accepted),
  };
}

/** A change of a file: the text to insert at a position. */
interface Change {
  readonly at: number;
  readonly text: string;
}
type Find = (file: TypeScriptFile, around: Surroundings) => readonly Change[];

function changeAll(file: TypeScriptFile, around: Surroundings, find: Find): void {
  const found = new Map(find(file, around).map((change) => [`${change.at} ${change.text}`, change]));
  const changes = [...found.values()].sort((a, b) => b.at - a.at);
  for (const { at, text } of changes) file.insert(at, text);
}

const isCallOf = (node: ts.CallExpression, ...names: readonly string[]): boolean =>
  ts.isPropertyAccessExpression(node.expression) && names.includes(node.expression.name.text);

/** The type of a message that is given as its name or built by its topic. */
function messageIn(node: ts.Expression): string | undefined {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return node.expression.name.text;
  return undefined;
}

const answers = (call: ts.CallExpression): boolean =>
  isCallOf(call, 'answers', 'answersLate', 'answersTwice', 'hears');

/** The items of a list, with those of the constant arrays that it spreads. */
const spreadOf = (file: TypeScriptFile, items: readonly ts.Expression[]): readonly ts.Expression[] =>
  items.flatMap((item) => {
    const array = ts.isSpreadElement(item) ? file.constant(item.expression.getText()) : undefined;
    return array !== undefined && ts.isArrayLiteralExpression(array)
      ? spreadOf(file, [...array.elements])
      : [item];
  });

/** The replies of a conversation, after those of the function that begins it, such as `readyToComplete()`. */
function repliesOf(file: TypeScriptFile, calls: readonly ts.CallExpression[]): readonly ts.Expression[] {
  const begin = file.constant(calls[0]?.expression.getText() ?? '');
  const earlier =
    begin !== undefined && ts.isArrowFunction(begin) && ts.isCallExpression(begin.body)
      ? repliesOf(file, callsOf(begin.body))
      : [];
  return [...earlier, ...calls.flatMap((call) => (answers(call) ? [...call.arguments] : []))];
}

/**
 * Conversations such as `given().answers('A', 'B').sends('C')`, each from its innermost call on. What another
 * one begins with, or what a list spreads, is changed where it stands.
 */
const conversations: Find = (file, around) =>
  file
    .all(ts.isCallExpression)
    .filter(isLastOfChain)
    .flatMap((last) => {
      const calls = callsOf(last);
      const replies = repliesOf(file, calls);
      const sending = calls.find((call) => isCallOf(call, 'sends'));
      const commands = spreadOf(file, [...(sending?.arguments ?? [])]);
      const { insertions, reached } = repliesWith(replies.map(messageIn), around, commands.map(messageIn));
      const sent = commandsWith(commands.map(messageIn), around, reached);
      return [
        ...insertions.flatMap((insertion) => changesOfReplies(calls, replies, insertion)),
        ...(sending === undefined ? [] : changesOf(commands, sent, sending)),
      ];
    });

/** What happens while a reply is awaited, such as `cancels()`, happens after the step was accepted. */
function changesOfReplies(
  calls: readonly ts.CallExpression[],
  replies: readonly ts.Expression[],
  insertion: Insertion,
): readonly Change[] {
  const next = replies[insertion.before];
  const index = calls.findIndex((call) => call.arguments.some((each) => each === next));
  const begins = next !== undefined && calls[index]?.arguments[0] === next;
  const target = calls.slice(0, Math.max(index, 0)).findLastIndex(answers);
  const isApart = begins && (index - Math.max(target, 0) > 1 || !isCallOf(calls[index]!, 'answers'));
  const last = calls.findLast((call) => answers(call));
  const isAtEnd = next === undefined && last !== undefined && !isCallOf(last, 'answers');
  if (isAtEnd) return [{ at: last.end, text: answering(insertion) }];
  if (!isApart) return changesOf(replies, [insertion], last);
  const earlier = calls[Math.max(target, 0)]!;
  return isCallOf(earlier, 'answers')
    ? changesOf([], [insertion], earlier)
    : [{ at: earlier.end, text: answering(insertion) }];
}

const answering = ({ items }: Insertion): string =>
  `.answers(${items.map((item) => `'${item}'`).join(', ')})`;

const isLastOfChain = (call: ts.CallExpression): boolean =>
  !(ts.isPropertyAccessExpression(call.parent) && ts.isCallExpression(call.parent.parent)) &&
  callsOf(call).some((each) => isCallOf(each, 'answers', 'answersTwice'));

/** The calls of a chain in the order of the text. */
function callsOf(last: ts.CallExpression): readonly ts.CallExpression[] {
  const { expression } = last;
  const inner = ts.isPropertyAccessExpression(expression) ? expression.expression : undefined;
  return inner !== undefined && ts.isCallExpression(inner) ? [...callsOf(inner), last] : [last];
}

/**
 * Stories in one array, which has what comes before the step and what follows it, and stories of cancelled orders
 * in two, such as `{ before: ['A', 'B'], undone: ['C'] }`.
 */
const stories: Find = (file, around) => {
  const cancelled = file.all(ts.isObjectLiteralExpression).flatMap((story) => {
    const [before, undone] = ['before', 'undone'].map((name) => propertyOf(story, name));
    return isListOfTexts(before) && isListOfTexts(undone) && !isChoreographed(story)
      ? [{ before, undone }]
      : [];
  });
  const parts = new Set(cancelled.flatMap(({ before, undone }) => [before, undone]));
  return [
    ...cancelled.flatMap((story) => changesOfCancelled(story, around)),
    ...file.all(ts.isArrayLiteralExpression).flatMap((array) => {
      if (!isListOfTexts(array) || parts.has(array) || isChoreographed(array)) return [];
      const types = array.elements.map(messageIn);
      if (!types.includes(around.previousAccepted)) return [];
      return changesOf(array.elements, repliesWith(types, around).insertions, array);
    }),
  ];
};

/** The public events of an order before it fails, and those that answer what undoes it. */
interface CancelledStory {
  readonly before: ts.ArrayLiteralExpression;
  readonly undone: ts.ArrayLiteralExpression;
}

function changesOfCancelled({ before, undone }: CancelledStory, around: Surroundings): readonly Change[] {
  const types = [...before.elements, ...undone.elements].map(messageIn);
  const { insertions } = repliesWith([...types, around.closingAccepted], around);
  return insertions.flatMap((insertion) =>
    insertion.items.includes(around.step.undone)
      ? changesOf(
          undone.elements,
          [{ ...insertion, before: insertion.before - before.elements.length }],
          undone,
        )
      : changesOf(before.elements, [insertion], before),
  );
}

const isListOfTexts = (node: ts.Expression | undefined): node is ts.ArrayLiteralExpression =>
  node !== undefined && ts.isArrayLiteralExpression(node) && node.elements.every(ts.isStringLiteral);

/** A story of orders that no saga directs is in a property `choreographed`, or in a call with this text. */
const isChoreographed = (node: ts.Node): boolean =>
  (ts.isPropertyAssignment(node) && node.name.getText() === 'choreographed') ||
  (ts.isCallExpression(node) && node.arguments.some((each) => messageIn(each) === 'choreographed')) ||
  (node.parent !== undefined && isChoreographed(node.parent));

/** Inserts before items that a list has or spreads, or at the end of the list itself. */
function changesOf(
  nodes: readonly ts.Expression[],
  insertions: readonly Insertion[],
  list: ts.CallExpression | ts.ArrayLiteralExpression | undefined,
): readonly Change[] {
  return insertions.flatMap(({ before, items }) => {
    const names = items.map((item) => `'${item}'`).join(', ');
    const next = nodes[before];
    if (next !== undefined) return [{ at: next.getStart(), text: `${names}, ` }];
    if (list === undefined) return [];
    const last = (ts.isCallExpression(list) ? list.arguments : list.elements).at(-1);
    return [last === undefined ? { at: list.end - 1, text: names } : { at: last.end, text: `, ${names}` }];
  });
}
