import type { Tree } from '@nx/devkit';
import { fieldsOf, portable, topicOf, topicsOf, type ContractTopic } from '../source/contracts.ts';
import { nounOf, pastOf, withArticle } from '../source/english.ts';
import { spellingsOf, type Spellings } from '../source/names.ts';
import { kindOf, sampleOf } from '../source/sample-values.ts';
import type { SagaSource } from '../source/saga-source.ts';
import type { ServiceSource } from '../source/service-source.ts';

/** The enumeration of the reasons for which a saga is compensated. */
export interface Reasons {
  readonly constant: string;
  readonly type: string;
}

/** The field of the start message that the command takes along. */
interface Field {
  readonly name: string;
  /** The schema as the participant's contracts write it. */
  readonly schema: string;
  /** A value that the schema accepts, as TypeScript. */
  readonly sample: string;
}

/** Everything that is decided before the first file is written. */
export interface Plan {
  readonly name: string;
  readonly saga: SagaSource;
  readonly participant: ServiceSource;
  /** The index of the part of the saga that the step stands before. */
  readonly place: number;
  readonly commands: ContractTopic;
  readonly events: ContractTopic;
  readonly messages: Readonly<Record<'command' | 'accepted' | 'rejected' | 'undo' | 'undone', string>>;
  /** What the participant keeps. */
  readonly record: Spellings;
  /** The record in a sentence, such as `the packing of an order`. */
  readonly recordWords: string;
  readonly field: Field;
  readonly reasons: Reasons;
  /** Why the step is rejected, such as `not_packed`. */
  readonly reason: string;
  /** The past participle of the step's verb in a text. */
  readonly past: string;
}

interface Given {
  readonly name: string;
  readonly saga: SagaSource;
  readonly participant: ServiceSource;
  readonly place: number;
  readonly reasons: Reasons;
  readonly undo?: string;
  readonly past?: string;
  readonly keeps?: string;
  readonly field?: string;
}

export function planOf(tree: Tree, given: Given): Plan {
  const { name, saga, participant, place, reasons } = given;
  const [verb = name, ...rest] = name.split('-');
  const object = rest.length > 0 ? rest.join('-') : kebabOf(saga.subject);
  const past = given.past ?? pastOf(verb);
  const noun = rest.length > 0 ? `${object}-${nounOf(verb)}` : nounOf(verb);
  const record = spellingsOf(given.keeps ?? noun);
  const commands = topicOf(tree, participant.name.kebab, 'commands');
  const field = fieldOf(tree, { saga, commands, field: given.field });
  return {
    name,
    saga,
    participant,
    place,
    reasons,
    commands,
    events: topicOf(tree, participant.name.kebab, 'events'),
    messages: messageNames({ verb, object, past, undo: given.undo }),
    record,
    recordWords:
      given.keeps === undefined
        ? `the ${spellingsOf(noun).words} of ${withArticle(spellingsOf(kebabOf(saga.subject)).words)}`
        : withArticle(record.words),
    field,
    reason: `${rest.length > 0 ? `${spellingsOf(object).snake}_` : ''}not_${past}`,
    past,
  };
}

function messageNames(words: {
  readonly verb: string;
  readonly object: string;
  readonly past: string;
  readonly undo?: string;
}): Plan['messages'] {
  const pascal = (word: string) => spellingsOf(word).pascal;
  const object = pascal(words.object);
  const command = `${pascal(words.verb)}${object}`;
  const own = {
    command,
    accepted: `${object}${pascal(words.past)}`,
    rejected: `${object}Not${pascal(words.past)}`,
  };
  return words.undo === undefined
    ? { ...own, undo: `Undo${command}`, undone: `${command}Undone` }
    : { ...own, undo: `${pascal(words.undo)}${object}`, undone: `${object}${pascal(pastOf(words.undo))}` };
}

export const messagesOf = ({ messages }: Plan): readonly string[] => Object.values(messages);

const kebabOf = (camel: string): string => camel.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const preferred = ['number', 'money', 'list', 'text'] as const;

/** The field of the start message that the command takes along: a number or an amount, if there is one. */
function fieldOf(
  tree: Tree,
  {
    saga,
    commands,
    field,
  }: { readonly saga: SagaSource; readonly commands: ContractTopic; readonly field?: string },
): Field {
  const [constant = '', type = ''] = saga.starts.split('.');
  const start = topicsOf(tree).find((topic) => topic.constant === constant);
  if (start === undefined) throw new Error(`${saga.path}: no topic of the contracts is called ${constant}`);
  const fields = [...fieldsOf(start, type)]
    .filter(([name]) => name !== saga.id && name !== commands.key)
    .map(([name, schema]) => ({ name, schema, kind: kindOf(tree, { path: start.file, schema }) }));
  const usable = fields.filter(({ kind }) => (preferred as readonly string[]).includes(kind));
  const chosen =
    field === undefined
      ? preferred.flatMap((kind) => usable.filter((each) => each.kind === kind))[0]
      : usable.find(({ name }) => name === field);
  if (chosen === undefined)
    throw new Error(
      field === undefined
        ? `${type} has no field that the command could take along: add one to it in ${start.file}`
        : `--field "${field}": give a number, an amount, a list or a text of ${type}: ` +
            usable.map(({ name }) => name).join(', '),
    );
  return {
    name: chosen.name,
    schema: start.file === commands.file ? chosen.schema : portable(tree, start, chosen.schema),
    sample: sampleOf(tree, { path: start.file, schema: chosen.schema }),
  };
}
