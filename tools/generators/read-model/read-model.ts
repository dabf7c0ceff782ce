import { join } from 'node:path';
import { formatFiles, type Tree } from '@nx/devkit';
import { exportFromIndex, isSharedField, topicOf } from '../source/contracts.ts';
import { capital, withArticle } from '../source/english.ts';
import { keyColumn, keySchemaTexts, newKey } from '../source/key-texts.ts';
import { checkName, pluralOf, snakeOf, spellingsOf, type Spellings } from '../source/names.ts';
import {
  addController,
  addReadModel,
  nextMigration,
  refuseTakenFiles,
  serviceOf,
  type ServiceSource,
} from '../source/service-source.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { eventsOf, type EventField, type Events } from './events.ts';

interface Options {
  readonly name: string;
  readonly in: string;
  readonly of?: string;
}

/** Adds a table that an inline projection keeps up to date, and a controller that lists it. */
export default async function readModel(tree: Tree, options: Options): Promise<() => void> {
  const { name } = options;
  checkName('the name of the read model', name);
  const service = serviceOf(tree, '--in', options.in);
  const model = spellingsOf(name);
  const keyOfService = topicOf(tree, service.name.kebab, 'events').key;
  const events = eventsOf(tree, service, { type: options.of, key: keyOfService });
  refuse(tree, service, model);

  const folder = `${service.src}/${name}`;
  writeTemplates(tree, join(import.meta.dirname, 'files'), folder, textsOf(tree, { service, model, events }));
  if (events.sample === undefined || !tree.exists(`${service.src}/${service.name.kebab}.fixture.ts`))
    tree.delete(`${folder}/${name}.int.spec.ts`);
  tree.write(
    nextMigration(tree, service, name),
    migrationOf(model, events, keyColumn(tree, keyOfRows(tree, service, events))),
  );
  addReadModel(tree, service, {
    entity: model.pascal,
    projection: `${model.camel}Projection`,
    file: `${name}/${name}.ts`,
  });
  addController(tree, service, {
    name: `${pluralOf(model.pascal)}Controller`,
    file: `${name}/${pluralOf(name)}.controller.ts`,
  });
  await formatFiles(tree);

  return () => {
    console.log(`
Next: choose the columns in ${folder}/${name}.ts, in its migration and in its controller.
      Streams that exist already have a row once the read model is rebuilt: docs/how-to/read-model.md.`);
    if (events.sample === undefined)
      console.log(
        `      The generator finds no sample of ${events.type}, so write ${folder}/${name}.int.spec.ts yourself.`,
      );
  };
}

function refuse(tree: Tree, service: ServiceSource, model: Spellings): void {
  const remedy = 'choose another name for the read model';
  refuseTakenFiles(tree, [`${service.src}/${model.kebab}`], remedy);
  for (const file of tree.children(`${service.src}/migrations`))
    if (
      new RegExp(`TABLE ${model.snake}\\b`).test(tree.read(`${service.src}/migrations/${file}`, 'utf8') ?? '')
    )
      throw new Error(`${service.src}/migrations/${file} has a table ${model.snake} already: ${remedy}`);
}

/** The key of the rows, as the contracts declare it. */
const keyOfRows = (tree: Tree, service: ServiceSource, { key }: Events) => ({
  path: topicOf(tree, service.name.kebab, 'events').file,
  key,
});

interface Parts {
  readonly service: ServiceSource;
  readonly model: Spellings;
  readonly events: Events;
}

function textsOf(tree: Tree, { service, model, events }: Parts): Readonly<Record<string, string>> {
  const { key, fields } = events;
  const keyField = keyOfRows(tree, service, events);
  const shared = isSharedField(tree, key);
  if (!shared) exportFromIndex(tree, keyField.path, key);
  return {
    'model-name': model.kebab,
    model_name: model.snake,
    model: model.camel,
    Model: model.pascal,
    Models: pluralOf(model.pascal),
    'model-names': pluralOf(model.kebab),
    'model words': model.words,
    'model words plural': pluralOf(model.words),
    'a model': withArticle(model.words),
    'A model': capital(withArticle(model.words)),
    'service-name': service.name.kebab,
    Service: service.name.pascal,
    Event: events.type,
    'events file': `../${events.file}`,
    key,
    ...keySchemaTexts(tree, key),
    'key column': keyColumn(tree, keyField),
    'key import': shared ? 'fields' : key,
    'new key': newKey(tree, keyField),
    'stream prefix': events.prefix,
    'event types': events.types.map(({ name }) => `'${name}'`).join(', '),
    'sample event': events.sample?.text ?? '',
    'sample type': events.sample?.type ?? '',
    columns: fields.map(columnOf).join('\n'),
    handlers: events.types.map(handlerOf).join('\n'),
    'view fields': fields.map(({ name, kind }) => `  ${name}: ${views[kind]}.optional(),`).join('\n'),
  };
}

const views: Readonly<Record<EventField['kind'], string>> = {
  instant: 'z.iso.datetime()',
  number: 'z.number()',
  text: 'z.string()',
};

const columnOf = ({ name, kind }: EventField): string => {
  const options = {
    instant: '{ ...instant, nullable: true }',
    number: '{ ...integer, nullable: true }',
    text: `'text', { nullable: true }`,
  };
  return `  @Column(${options[kind]})\n  ${name}!: ${kind === 'number' ? 'number' : 'string'} | null;\n`;
};

const handlerOf = ({ name, fields }: Events['types'][number]): string => {
  const event = fields.length === 0 ? '_' : `{ ${fields.join(', ')} }`;
  return `  ${name}: (${event}, stamp) => ({ ${[`lastEvent: '${name}'`, ...fields, '...stamped(stamp)'].join(', ')} }),`;
};

const sqlTypes: Readonly<Record<EventField['kind'], string>> = {
  instant: 'timestamptz',
  number: 'bigint',
  text: 'text',
};

const migrationOf = ({ snake, words }: Spellings, { key, fields }: Events, keyType: string): string =>
  [
    `-- The read model ${words}.`,
    `CREATE TABLE ${snake} (`,
    `  ${snakeOf(key)} ${keyType} PRIMARY KEY,`,
    '  last_event text NOT NULL,',
    ...fields.map(({ name, kind }) => `  ${snakeOf(name)} ${sqlTypes[kind]},`),
    '  version bigint NOT NULL,',
    '  updated_at timestamptz NOT NULL',
    ');',
    '',
  ].join('\n');
