import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { newKey } from '../source/key-texts.ts';
import { sampleOf } from '../source/sample-values.ts';
import {
  addController,
  addDecider,
  addPublicMessages,
  addStream,
  refuseTakenFiles,
} from '../source/service-source.ts';
import { writeTemplates } from '../source/write-templates.ts';
import type { Plan } from './plan.ts';

const templates = join(import.meta.dirname, 'files');

export function refuseParticipant(tree: Tree, { participant: { src }, record }: Plan): void {
  const remedy = `name what the service keeps otherwise, with --keeps`;
  const files = [`domain/${record.kebab}.ts`, `${record.kebab}-messages.ts`, `${record.kebab}.int.spec.ts`];
  refuseTakenFiles(
    tree,
    files.map((file) => `${src}/${file}`),
    remedy,
  );
  if (tree.read(`${src}/stream-ids.ts`, 'utf8')?.includes(`\`${record.kebab}-\${`))
    throw new Error(`${src}/stream-ids.ts has streams ${record.kebab}-ID already: ${remedy}`);
}

/** Lets a service carry the step out: its decision, its stream, its handlers and its replies. */
export function addParticipant(tree: Tree, plan: Plan): void {
  const { participant, record, recordWords, commands, events, messages } = plan;
  const { src } = participant;
  const texts = textsOf(tree, plan);
  writeTemplates(tree, join(templates, 'domain'), `${src}/domain`, texts);
  writeTemplates(tree, join(templates, 'src'), src, texts);
  const test = `${src}/${record.kebab}.int.spec.ts`;
  if (!tree.exists(`${src}/${participant.name.kebab}.fixture.ts`)) tree.delete(test);
  addDecider(tree, participant, {
    decider: record.camel,
    eventTypes: `${record.camel}EventTypes`,
    file: `domain/${record.kebab}.ts`,
    prefix: `${record.kebab}-`,
  });
  addStream(tree, participant, {
    name: `${record.camel}Stream`,
    prefix: `${record.kebab}-`,
    key: commands.key,
    comment: `The private stream of ${recordWords}.`,
  });
  addController(tree, participant, {
    name: `${record.pascal}Messages`,
    file: `${record.kebab}-messages.ts`,
  });
  const { key } = events;
  const said = (type: string, ...fields: readonly string[]) =>
    `case '${type}':
      return [toPublic(${events.constant}.${type}, { ${[key, ...fields].map((field) => `${field}: event.${field}`).join(', ')} })];`;
  const file = addPublicMessages(tree, participant, {
    events: `${record.pascal}Event`,
    file: `domain/${record.kebab}.ts`,
    cases: `${[said(messages.accepted), said(messages.rejected, 'reason'), said(messages.undone)].join('\n')}\n`,
  });
  file.import(`${participant.scope}/contracts`, events.constant);
  file.import(`${participant.scope}/event-sourcing`, 'toPublic');
}

function textsOf(tree: Tree, plan: Plan): Readonly<Record<string, string>> {
  const { participant, record, recordWords, commands, events, messages, field } = plan;
  const { file: path, key } = commands;
  return {
    'record-name': record.kebab,
    record: record.camel,
    Record: record.pascal,
    'a record': recordWords,
    'service-name': participant.name.kebab,
    Service: participant.name.pascal,
    verb: plan.name.split('-')[0]!,
    commands: commands.constant,
    'events topic': events.name,
    Command: messages.command,
    Accepted: messages.accepted,
    Rejected: messages.rejected,
    Undo: messages.undo,
    Undone: messages.undone,
    Reason: plan.reasons.type,
    reason: plan.reason,
    key,
    'key sample': sampleOf(tree, { path, schema: key }),
    'new key': newKey(tree, { path, key }),
    field: field.name,
    value: field.sample,
  };
}
