import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { addMessages, addReason, refuseTakenMessages, topicOf } from '../source/contracts.ts';
import { checkName } from '../source/names.ts';
import { writeReference } from '../source/run-tests.ts';
import { placeOf, sagaOf } from '../source/saga-source.ts';
import { addToFixture, serviceOf } from '../source/service-source.ts';
import { addStepToDefinition, reasonsOf } from './definition.ts';
import { changeExpectations } from './expectations.ts';
import { hiddenEventsOf } from './hidden-events.ts';
import { messagesOf, planOf, type Plan } from './plan.ts';
import { addParticipant, refuseParticipant } from './participant.ts';
import { addToSagaTests } from './saga-tests.ts';
import { addReasonTexts } from './reason-texts.ts';

interface Options {
  readonly name: string;
  readonly saga: string;
  readonly by?: string;
  readonly before?: string;
  readonly after?: string;
  readonly undo?: string;
  readonly past?: string;
  readonly keeps?: string;
  readonly field?: string;
  readonly unreleased?: boolean;
}

/**
 * Adds a step that can be undone: its messages, the service that takes part in it, the next version of the
 * saga, and what the tests of both expect.
 */
export default async function step(tree: Tree, options: Options): Promise<GeneratorCallback> {
  const { name, undo, past, keeps, before, after, unreleased = false } = options;
  checkName('the name of the step', name);
  for (const [argument, given] of Object.entries({ undo, past, keeps }))
    if (given !== undefined) checkName(`--${argument}`, given);
  const saga = sagaOf(tree, options.saga);
  const participant = serviceOf(tree, '--by', options.by ?? saga.service);
  const place = placeOf(saga, { before, after });
  const reasons = reasonsOf(tree, saga);
  const plan = planOf(tree, { ...options, saga, participant, place, reasons });
  if (saga.parts.some((part) => part.name === name))
    throw new Error(`the saga ${saga.name} has a part ${name} already: choose another name for the step`);
  refuseTakenMessages(tree, messagesOf(plan), 'choose another name for the step');
  refuseParticipant(tree, plan);

  const hidden = hiddenEventsOf(tree, plan);
  if (hidden !== undefined) console.warn(`\n${hidden}\n`);
  declareMessages(tree, plan);
  addParticipant(tree, plan);
  addReasonTexts(tree, plan);
  addStepToDefinition(tree, plan, unreleased);
  const topics = [plan.commands.constant, plan.events.constant];
  const own = serviceOf(tree, '--saga', saga.service);
  addToFixture(tree, own, { topics })?.import(`${own.scope}/contracts`, ...topics);
  const left = [...addToSagaTests(tree, plan), ...changeExpectations(tree, plan, unreleased)];
  await formatFiles(tree);

  return () => {
    writeReference(tree.root, saga.service);
    report(plan, left);
  };
}

function declareMessages(tree: Tree, plan: Plan): void {
  const { command, undo, accepted, rejected, undone } = plan.messages;
  const { key } = plan.commands;
  const { field, reasons, reason } = plan;
  addReason(tree, reasons.constant, reason);
  addMessages(
    tree,
    topicOf(tree, plan.participant.name.kebab, 'commands'),
    [
      { type: command, fields: { [key]: key, [field.name]: field.schema } },
      { type: undo, fields: { [key]: key } },
    ],
    [command, undo],
  );
  addMessages(tree, topicOf(tree, plan.participant.name.kebab, 'events'), [
    { type: accepted, fields: { [key]: key } },
    { type: rejected, fields: { [key]: key, reason: reasons.constant } },
    {
      type: undone,
      fields: { [key]: key },
      comment: `Always answers \`${undo}\`, even if there is nothing to undo.`,
    },
  ]);
}

function report({ saga, participant, record, name }: Plan, left: readonly string[]): void {
  const file = `apps/${participant.name.kebab}/src/domain/${record.kebab}.ts`;
  console.log(`
Next: write in ${file} when the step ${name} is rejected; it never is now.
      docs/how-to/add-a-part.md#what-a-generated-step-leaves-to-you has all that is left to you.`);
  if (left.length === 0) return;
  console.log(`
These tests expect the saga ${saga.name} without the step. Read each place, and add the step where its test
expects the whole flow:
${left.map((place) => `  ${place}`).join('\n')}`);
}
