import ts from 'typescript';
import { nameOf, nodesIn, propertyOf, type TypeScriptFile } from '../source/typescript-file.ts';

/** The new step, and what a test may say of the flow around it. */
export interface NewStep {
  readonly name: string;
  /** What the participant answers: the command and its compensation. */
  readonly answers: readonly Answer[];
  /** The names of the parts before and after the step. */
  readonly previous?: string;
  readonly next?: string;
  /** The version that the saga had without the step, unless the step has changed that version. */
  readonly earlierVersion?: number;
}

interface Answer {
  readonly command: string;
  readonly reply: string;
  /** The replies that a test sends where it has to send this one now. */
  readonly beside: readonly string[];
}

interface Place {
  readonly node: ts.Node;
  readonly reason: string;
}

/** The places in a test of the saga's service at which the new step may make it fail, as `path:lines: reason`. */
export const placesInOwnTest = (
  file: TypeScriptFile,
  step: NewStep,
  replies: readonly PlayedReply[],
): readonly string[] =>
  textsOf(file, [
    ...earlierVersions(file, step),
    ...orderOfSteps(file, step),
    ...namingNext(file, step),
    ...playedReplies(file, step).map(({ node, answer: { command, reply } }) => ({
      node,
      reason: `it plays the participants: answer ${command} with ${reply}`,
    })),
    ...sendingReplies(file, step, replies),
  ]);

/** Those in a test of the whole system, in which the participant itself answers. */
export const placesInSystemTest = (file: TypeScriptFile, step: NewStep): readonly string[] =>
  textsOf(file, orderOfSteps(file, step));

function textsOf(file: TypeScriptFile, places: readonly Place[]): readonly string[] {
  const linesOf = new Map<string, Set<number>>();
  for (const { node, reason } of places) {
    const { line } = file.syntax.getLineAndCharacterOfPosition(node.getStart());
    linesOf.set(reason, (linesOf.get(reason) ?? new Set()).add(line + 1));
  }
  return [...linesOf].map(
    ([reason, lines]) => `${file.path}:${[...lines].sort((a, b) => a - b).join(',')}: ${reason}`,
  );
}

/** Expectations such as `expect(await saga(id)).toMatchObject({ version: 1 })`. */
const earlierVersions = (file: TypeScriptFile, { earlierVersion }: NewStep): readonly Place[] =>
  file
    .all(ts.isPropertyAssignment)
    .filter(
      (node) =>
        nameOf(node) === 'version' &&
        node.initializer.getText() === String(earlierVersion) &&
        /^expect\([^]*saga/i.test(statementOf(node).getText()),
    )
    .map((node) => ({ node, reason: `it expects version ${earlierVersion} of the saga` }));

/** Lists such as `[{ name: 'pay' }, { name: 'ship' }]`. */
const orderOfSteps = (file: TypeScriptFile, step: NewStep): readonly Place[] =>
  listsOfSteps(file, step).map((node) => ({
    node,
    reason: `it lists the steps in their order: add ${step.name}`,
  }));

const listsOfSteps = (file: TypeScriptFile, { previous, next }: NewStep) =>
  file.all(ts.isArrayLiteralExpression).filter(({ elements }) => {
    const names = elements.map(stepIn);
    if (next === undefined) return names.at(-1) === previous;
    return names.some((name, index) => name === next && names[index - 1] === previous);
  });

/** The name of a step, which is given as a text or as a property. */
function stepIn(element: ts.Expression): string | undefined {
  const name = ts.isObjectLiteralExpression(element) ? propertyOf(element, 'name') : element;
  return name !== undefined && ts.isStringLiteral(name) ? name.text : undefined;
}

/** Waits for the part after the step, such as `awaits(id, 'ship')`. */
function namingNext(file: TypeScriptFile, step: NewStep): readonly Place[] {
  const inLists = new Set(listsOfSteps(file, step).flatMap((list) => nodesIn(list, ts.isStringLiteral)));
  return file
    .all(ts.isStringLiteral)
    .filter((node) => node.text === step.next && !inLists.has(node))
    .map((node) => ({
      node,
      reason: `it expects ${step.next}, before which the saga now does ${step.name}`,
    }));
}

/** A function of a fixture with which the tests send a reply. */
export interface PlayedReply {
  readonly node: ts.Node;
  /** As a test names it, such as `says.paid`. */
  readonly name: string;
  readonly answer: Answer;
}

/** Finds properties such as `paid: (id) => answer(paymentEvents.PaymentProcessed({ id }))` of a constant. */
export const playedReplies = (file: TypeScriptFile, { answers }: NewStep): readonly PlayedReply[] =>
  file.all(ts.isPropertyAssignment).flatMap((node) => {
    const { parent } = node.parent;
    if (!ts.isVariableDeclaration(parent) || !ts.isArrowFunction(node.initializer)) return [];
    const built = nodesIn(node.initializer, ts.isCallExpression).map(({ expression }) =>
      ts.isPropertyAccessExpression(expression) ? expression.name.text : '',
    );
    return answers
      .filter(({ beside }) => built.some((type) => beside.includes(type)))
      .map((answer) => ({ node, name: `${parent.name.getText()}.${nameOf(node)}`, answer }));
  });

/** Tests that send the replies one by one. */
const sendingReplies = (
  file: TypeScriptFile,
  step: NewStep,
  replies: readonly PlayedReply[],
): readonly Place[] =>
  file.all(ts.isPropertyAccessExpression).flatMap((node) =>
    replies
      .filter(({ name }) => name === node.getText())
      .map(({ answer }) => ({
        node,
        reason: `it sends the replies one by one: send ${answer.reply} too, if the saga has asked for ${step.name}`,
      })),
  );

function statementOf(node: ts.Node): ts.Node {
  let found = node;
  while (!ts.isStatement(found)) found = found.parent;
  return found;
}
