import { join } from 'node:path';
import { formatFiles, visitNotIgnoredFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import {
  addMessages,
  addReasons,
  exportFromIndex,
  isSharedField,
  refuseTakenMessages,
  topicOf,
  type ContractTopic,
} from '../source/contracts.ts';
import { capital, withArticle } from '../source/english.ts';
import { keyColumn, keySchemaTexts, newKey } from '../source/key-texts.ts';
import { checkName, pluralOf, snakeOf, spellingsOf, type Spellings } from '../source/names.ts';
import { writeReference } from '../source/run-tests.ts';
import { kindOf, sampleOf } from '../source/sample-values.ts';
import {
  addController,
  addDecider,
  addPublicMessages,
  addReadModel,
  addStream,
  nextMigration,
  refuseTakenFiles,
  serviceOf,
  type ServiceSource,
} from '../source/service-source.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { registerSaga } from './register-saga.ts';
import { sagaOfEvent } from './saga-of-event.ts';

interface Options {
  readonly name: string;
  readonly in: string;
  readonly starts?: string;
  readonly asks?: string;
}

/** What is generated for one saga. */
interface Plan {
  readonly saga: Spellings;
  readonly service: ServiceSource;
  readonly commands: ContractTopic;
  readonly events: ContractTopic;
}

/**
 * Adds a saga to a service: a route that requests it, a stream that decides whether it was withdrawn in
 * time, its definition without any step of another service, and a read model.
 */
export default async function saga(
  tree: Tree,
  { name, in: service, starts, asks }: Options,
): Promise<GeneratorCallback> {
  checkName('the name of the saga', name);
  if (starts !== undefined && asks !== undefined)
    return sagaOfEvent(tree, { name, in: service, starts, asks });
  if (starts !== undefined || asks !== undefined)
    throw new Error(
      '--starts and --asks belong together: give the event that begins the saga, and the command of its step',
    );
  const source = serviceOf(tree, '--in', service);
  const plan: Plan = {
    saga: spellingsOf(name),
    service: source,
    commands: topicOf(tree, service, 'commands'),
    events: topicOf(tree, service, 'events'),
  };
  refuse(tree, plan);

  const texts = textsOf(tree, plan);
  const folder = join(import.meta.dirname, 'files');
  declareMessages(tree, plan);
  writeTemplates(tree, join(folder, 'saga'), `${source.src}/${name}`, texts);
  if (!tree.exists(`${source.src}/golden-histories.spec.ts`))
    writeTemplates(tree, join(folder, 'golden-histories'), source.src, texts);
  registerDomain(tree, plan);
  registerSaga(tree, { ...plan, hasStream: true });
  await formatFiles(tree);

  return () => {
    writeReference(tree.root, service);
    const tables = tablesOfPosts(tree, source);
    console.log(`
Next: npm run new -- step STEP --saga ${name} --by SERVICE --unreleased adds a step that another service takes part in.
      The request's fields are in libs/contracts and in ${source.src}/${name}/.
      npm run reference writes its routes into docs/reference.${tables
        .map((path) => `\n      ${path} has a table of every POST, which needs those of the saga.`)
        .join('')}
      What only you can decide is in docs/how-to/add-a-part.md, "Add a saga".`);
  };
}

/** The tests that compare the routes of the service with a table. */
function tablesOfPosts(tree: Tree, { src }: ServiceSource): readonly string[] {
  const paths: string[] = [];
  visitNotIgnoredFiles(tree, src, (path) => {
    if (tree.read(path, 'utf8')?.includes('documentedPosts(') === true) paths.push(path);
  });
  return paths;
}

function refuse(tree: Tree, { saga, service, commands }: Plan): void {
  const remedy = 'choose another name for the saga';
  const { kebab, pascal, camel } = saga;
  refuseTakenFiles(tree, [`${service.src}/${kebab}`], remedy);
  refuseTakenMessages(tree, typesOf(pascal), remedy);
  if (isSharedField(tree, `${camel}Reason`))
    throw new Error(`libs/contracts/src/fields.ts has ${camel}Reason already: ${remedy}`);
  if (tree.read(`${service.src}/stream-ids.ts`, 'utf8')?.includes(`\`${kebab}-\${`))
    throw new Error(`${service.name.kebab} has streams ${kebab}-ID already: ${remedy}`);
  if (!['uuid', 'text'].includes(kindOf(tree, { path: commands.file, schema: commands.key })))
    throw new Error(
      `${commands.file}: the key ${commands.key} of ${commands.name} is no text: a saga needs an id`,
    );
}

const typesOf = (pascal: string): readonly string[] => [
  `Complete${pascal}`,
  `Close${pascal}`,
  ...['Requested', 'Withdrawn', 'Completed', 'CompletionRejected', 'Closed'].map((end) => `${pascal}${end}`),
];

const quantityOf = (tree: Tree, prefix: string): string =>
  isSharedField(tree, 'quantity') ? `${prefix}quantity` : 'z.number().int().min(1).max(1_000_000)';

function declareMessages(tree: Tree, { saga, commands, events }: Plan): void {
  const { camel, pascal } = saga;
  const { key } = events;
  const reason = `${camel}Reason`;
  const instant = isSharedField(tree, 'instant') ? 'instant' : 'z.iso.datetime()';
  addReasons(tree, reason, `${pascal}Reason`, ['withdrawn', 'step_timeout']);
  addMessages(
    tree,
    commands,
    [
      { type: `Complete${pascal}`, fields: { [key]: key } },
      { type: `Close${pascal}`, fields: { [key]: key, reason } },
    ],
    [`Close${pascal}`],
  );
  addMessages(tree, events, [
    {
      type: `${pascal}Requested`,
      fields: { [key]: key, quantity: quantityOf(tree, ''), requestedAt: instant },
    },
    { type: `${pascal}Withdrawn`, fields: { [key]: key, withdrawnAt: instant } },
    { type: `${pascal}Completed`, fields: { [key]: key, completedAt: instant } },
    { type: `${pascal}CompletionRejected`, fields: { [key]: key, reason } },
    { type: `${pascal}Closed`, fields: { [key]: key, reason, closedAt: instant } },
  ]);
}

function textsOf(tree: Tree, { saga, service, commands, events }: Plan): Readonly<Record<string, string>> {
  const { key } = events;
  const shared = isSharedField(tree, key);
  if (!shared) exportFromIndex(tree, events.file, key);
  return {
    'saga-name': saga.kebab,
    saga_name: saga.snake,
    saga: saga.camel,
    Saga: saga.pascal,
    'saga words': saga.words,
    'a saga': withArticle(saga.words),
    'A saga': capital(withArticle(saga.words)),
    'saga-names': pluralOf(saga.kebab),
    Sagas: pluralOf(saga.pascal),
    'saga words plural': pluralOf(saga.words),
    'service-name': service.name.kebab,
    Service: service.name.pascal,
    service: service.name.camel,
    key,
    'key sample': sampleOf(tree, { path: commands.file, schema: key }),
    ...keySchemaTexts(tree, key),
    'key column': keyColumn(tree, { path: commands.file, key }),
    'key import': shared ? 'fields' : `fields, ${key}`,
    'new key': newKey(tree, { path: commands.file, key }),
    quantity: quantityOf(tree, 'fields.'),
  };
}

function registerDomain(tree: Tree, { saga, service, events }: Plan): void {
  const { camel, kebab, pascal, snake } = saga;
  addDecider(tree, service, {
    decider: camel,
    eventTypes: `${camel}EventTypes`,
    file: `${kebab}/${kebab}.ts`,
    prefix: `${kebab}-`,
  });
  addStream(tree, service, {
    name: `${camel}Stream`,
    prefix: `${kebab}-`,
    key: events.key,
    comment: `The private stream of one ${saga.words}.`,
  });
  addReadModel(tree, service, {
    entity: `${pascal}Summary`,
    projection: `${camel}Projection`,
    file: `${kebab}/${kebab}-summary.ts`,
  });
  tree.write(
    nextMigration(tree, service, kebab),
    migrationOf(snake, snakeOf(events.key), keyColumn(tree, { path: events.file, key: events.key })),
  );
  addController(tree, service, {
    name: `${pluralOf(pascal)}Controller`,
    file: `${kebab}/${pluralOf(kebab)}.controller.ts`,
  });
  addController(tree, service, { name: `${pascal}Messages`, file: `${kebab}/messages.ts` });
  const messages = addPublicMessages(tree, service, {
    events: `${pascal}Event`,
    file: `${kebab}/${kebab}.ts`,
    cases: `${['Requested', 'Withdrawn', 'Completed', 'CompletionRejected', 'Closed']
      .map((end) => `case '${pascal}${end}':`)
      .join('\n')}\nreturn messagesOf${pascal}(event);\n`,
  });
  messages.import(`./${kebab}/public-messages.ts`, `messagesOf${pascal}`);
}

const migrationOf = (
  saga: string,
  key: string,
  type: string,
): string => `-- The read model of the saga ${saga}.
CREATE TABLE ${saga}_summary (
  ${key} ${type} PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('requested', 'withdrawn', 'completed', 'closed')),
  quantity bigint NOT NULL,
  reason text,
  version bigint NOT NULL,
  requested_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- The list pages by (requested_at, ${key}), newest first.
CREATE INDEX ${saga}_summary_page ON ${saga}_summary (requested_at DESC, ${key} DESC);
`;
