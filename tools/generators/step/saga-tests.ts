import { dirname } from 'node:path';
import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { topicsOf } from '../source/contracts.ts';
import type { SagaPart } from '../source/saga-source.ts';
import { propertyOf, TypeScriptFile } from '../source/typescript-file.ts';
import type { Plan } from './plan.ts';

/**
 * Adds the step to the samples of the saga, to its conversations and to what its integration test answers.
 * Returns the places that a person has to look at.
 */
export function addToSagaTests(tree: Tree, plan: Plan): readonly string[] {
  const { saga } = plan;
  const base = saga.path.replace(/\.saga\.ts$/, '');
  addTopic(tree, plan, `${base}.saga.spec.ts`);
  return [
    ...addSample(tree, plan, `${base}.fixture.ts`),
    ...addConversation(tree, plan, `${base}.saga.spec.ts`),
    ...addAnswer(tree, plan),
  ];
}

function addSample(tree: Tree, plan: Plan, path: string): readonly string[] {
  if (!tree.exists(path)) return [`${path}: add a sample of ${plan.messages.rejected}`];
  const { saga, participant, events, messages, reason } = plan;
  const file = new TypeScriptFile(tree, path);
  const samples = file
    .all(ts.isObjectLiteralExpression)
    .find((each) => propertyOf(each, 'start') !== undefined && propertyOf(each, 'replies') !== undefined);
  const replies = samples && propertyOf(samples, 'replies');
  if (replies === undefined || !ts.isArrayLiteralExpression(replies))
    throw file.misses('samples { start, replies }');
  const key = events.key === saga.id ? saga.id : `${events.key}: ${saga.id}`;
  file.addElement(replies, `${events.constant}.${messages.rejected}({ ${key}, reason: '${reason}' })`);
  file.import(`${participant.scope}/contracts`, events.constant);
  return [];
}

/** Adds the conversation in which the participant rejects the step. */
function addConversation(tree: Tree, plan: Plan, path: string): readonly string[] {
  const { saga, participant, messages, place, name, reason } = plan;
  const parts = saga.parts.slice(0, place);
  const closing = typeOf(saga.parts.at(-1)?.accepted);
  const file = tree.exists(path) ? new TypeScriptFile(tree, path) : undefined;
  const begin = file
    ?.all(ts.isVariableDeclaration)
    .find(
      ({ initializer }) =>
        initializer !== undefined &&
        ts.isArrowFunction(initializer) &&
        /^givenSaga\(/.test(initializer.body.getText()),
    );
  const suite = file?.calls('describe')[0]?.arguments[1];
  if (file === undefined || begin === undefined || !suite || !ts.isArrowFunction(suite) || !isPlain(parts))
    return [`${path}: add the conversation in which ${messages.rejected} starts the compensation`];
  const replies = [
    ...parts.map(({ accepted }) => typeOf(accepted)),
    messages.rejected,
    ...parts
      .toReversed()
      .flatMap(({ compensated }) => (compensated === undefined ? [] : [typeOf(compensated)])),
    closing,
  ];
  file.insert(
    suite.body.end - 1,
    `\n  it('is compensated if ${participant.name.words} rejects the step ${name}', () => {
      ${begin.name.getText()}()
        .answers(${replies.map((reply) => `'${reply}'`).join(', ')})
        .endsAs('${reason}');
    });\n`,
  );
  return [];
}

/** Adds the participant's events to the topics that the saga is expected to read, in the order of its parts. */
function addTopic(tree: Tree, { saga, place, events }: Plan, path: string): void {
  const file = tree.exists(path) ? new TypeScriptFile(tree, path) : undefined;
  const expected = file
    ?.calls(`expect(topicsOf(${saga.constant})).toEqual`)
    .map((call) => call.arguments[0])
    .find((each) => each !== undefined && ts.isArrayLiteralExpression(each));
  if (file === undefined || expected === undefined || !ts.isArrayLiteralExpression(expected)) return;
  const named = expected.elements.map((each) => (ts.isStringLiteral(each) ? each.text : ''));
  const earlier = [saga.starts, ...saga.parts.slice(0, place).map(({ accepted }) => accepted)];
  const names = topicsOf(tree)
    .filter(({ constant }) => earlier.some((message) => message?.startsWith(`${constant}.`)))
    .map(({ name }) => named.indexOf(name));
  if (!named.includes(events.name)) file.addElement(expected, `'${events.name}'`, Math.max(...names) + 1);
}

const isPlain = (parts: readonly SagaPart[]): boolean =>
  parts.every(({ method }) => method === 'step' || method === 'inform');

/** The type of a message that is written as `orderEvents.OrderCreated`. */
export const typeOf = (message: string | undefined): string => message?.split('.').at(-1) ?? '';

/** Adds the reply of the participant to the list from which the integration test plays it. */
function addAnswer(
  tree: Tree,
  { saga, participant, commands, events, messages, place }: Plan,
): readonly string[] {
  const folder = dirname(saga.path);
  for (const name of tree.children(folder).filter((each) => each.endsWith('.int.spec.ts'))) {
    const file = new TypeScriptFile(tree, `${folder}/${name}`);
    const answers = file.constant('answers');
    if (answers === undefined || !ts.isArrayLiteralExpression(answers)) continue;
    const steps = saga.parts.slice(0, place).filter(({ accepted }) => accepted !== undefined);
    file.addElement(
      answers,
      `{
        command: { topic: '${commands.name}', type: '${messages.command}' },
        topic: ${events.constant},
        reply: (id) => ${events.constant}.${messages.accepted}({ ${events.key}: id }),
      }`,
      Math.min(steps.length, answers.elements.length),
    );
    file.import(`${participant.scope}/contracts`, events.constant);
  }
  return [];
}
