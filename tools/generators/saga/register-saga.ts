import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import type { Spellings } from '../source/names.ts';
import { addLibrary, addToFixture, readSettings, type ServiceSource } from '../source/service-source.ts';
import { propertyOf, TypeScriptFile } from '../source/typescript-file.ts';

interface Registered {
  readonly saga: Spellings;
  readonly service: ServiceSource;
  /** True if the saga has a stream of its own, whose request starts it and which decides its pivot. */
  readonly hasStream: boolean;
}

/** Lets the service run the saga, with its settings, its tables and its tests. */
export function registerSaga(tree: Tree, registered: Registered): void {
  registerDefinition(tree, registered);
  addToTests(tree, registered);
}

/** Lets the service run the saga, with its settings and its tables. */
export function registerDefinition(tree: Tree, registered: Registered): void {
  const { service } = registered;
  addLibrary(tree, service, 'saga');
  addToModule(tree, registered);
  addSettings(tree, registered);
  const fixture = addToFixture(tree, service, {
    libraries: [`{ library: 'saga', folder: sagaMigrations }`],
  });
  fixture?.import(`${service.scope}/saga`, 'sagaMigrations');
}

function addToModule(tree: Tree, { saga, service, hasStream }: Registered): void {
  const { camel, kebab, pascal } = saga;
  const { scope, module } = service;
  const setting = readSettings(tree, service, ['startVersions', 'stepTimeoutMs', 'stepResends']);
  const file = new TypeScriptFile(tree, module);
  const sources = `{ local: { stream: ${camel}Stream, decider: ${camel}, command: complete${pascal} } }`;
  const own = `serviceSaga(${camel}Versions${hasStream ? `, ${sources}` : ''})`;
  if (file.calls('SagaModule.forRoot').length > 0)
    file.addToArrayOf(() => file.optionsOf('SagaModule.forRoot'), 'sagas', own);
  else {
    const messaging = file.calls('MessagingModule.forRoot')[0];
    if (messaging === undefined) throw file.misses('MessagingModule.forRoot({ ... })');
    const settings = ['startVersions', 'stepTimeoutMs', 'stepResends'].map((each) =>
      setting(each) === each ? each : `${each}: ${setting(each)}`,
    );
    file.insert(
      messaging.getStart(),
      `SagaModule.forRoot({\nsagas: [${own}],\n${settings.join(',\n')},\n}),\n`,
    );
    addSagaTables(file);
  }
  file.import(`./${kebab}/${kebab}.saga.ts`, `${camel}Versions`);
  if (hasStream) {
    file.import(`./${kebab}/${kebab}.saga.ts`, `complete${pascal}`);
    file.import('./stream-ids.ts', `${camel}Stream`);
  }
  file.import(`${scope}/service-chassis/saga`, 'SAGA_ENGINE', 'SagaModule', 'serviceSaga');
}

/** Lets the service store sagas, and begin them when it stores their start message. */
function addSagaTables(file: TypeScriptFile): void {
  const scope = /from '(@[^/]+)\/service-chassis\//.exec(file.text)?.[1];
  const store = () => file.optionsOf('EventStoreModule.forRoot');
  file.addToArrayOf(store, 'events', 'sagaEventTypes');
  file.addProperty(propertyOf(store(), 'states') as ts.ObjectLiteralExpression, `'saga-': sagaFolding`);
  file.addProperty(store(), 'starts: SAGA_ENGINE');
  file.addProperty(file.optionsOf('MessagingModule.forRoot'), 'reactions: SagaModule.reactions');
  file.addToArrayOf(
    () => file.optionsOf('serviceMigrations'),
    'libraries',
    `{ library: 'saga', folder: sagaMigrations }`,
  );
  file.import(`${scope}/saga`, 'sagaEventTypes', 'sagaFolding', 'sagaMigrations');
}

/** Adds the settings of sagas, which name the versions with which new ones begin. */
function addSettings(tree: Tree, { saga, service }: Registered): void {
  const file = new TypeScriptFile(tree, `${service.src}/config.ts`);
  const versions = `${saga.camel}Versions`;
  const [named] = file.calls('sagaStartVersions')[0]?.arguments ?? [];
  if (named !== undefined && ts.isArrayLiteralExpression(named)) file.addElement(named, `...${versions}`);
  else if (named !== undefined)
    file.replace(named.getStart(), named.end, `[...${named.getText()}, ...${versions}]`);
  else {
    const settings = file.constant('settings');
    const spreads = `...sagaConfig,\n...sagaStartVersions(${versions}),\n`;
    if (settings === undefined) throw file.misses('constant settings');
    if (ts.isObjectLiteralExpression(settings)) {
      const [, second] = settings.properties;
      file.insert(second?.getStart() ?? settings.end - 1, spreads);
    } else file.replace(settings.getStart(), settings.end, `{\n...${settings.getText()},\n${spreads}}`);
    file.import(`${service.scope}/service-chassis/config`, 'sagaConfig', 'sagaStartVersions');
  }
  file.import(`./${saga.kebab}/${saga.kebab}.saga.ts`, versions);
}

function addToTests(tree: Tree, { saga, service }: Registered): void {
  const { camel, kebab } = saga;
  const histories = new TypeScriptFile(tree, `${service.src}/golden-histories.spec.ts`);
  histories.addElement(arrayOf(histories, 'definitions'), `...${camel}Versions`);
  const samples = histories.constant('samples');
  if (samples === undefined || !ts.isObjectLiteralExpression(samples))
    throw histories.misses('constant samples = { ... }');
  histories.addProperty(
    samples,
    kebab === camel ? `${camel}: ${camel}Samples` : `'${kebab}': ${camel}Samples`,
  );
  histories.import(`./${kebab}/${kebab}.fixture.ts`, `${camel}Samples`);
  histories.import(`./${kebab}/${kebab}.saga.ts`, `${camel}Versions`);
}

function arrayOf(file: TypeScriptFile, constant: string): ts.ArrayLiteralExpression {
  const array = file.constant(constant);
  if (array === undefined || !ts.isArrayLiteralExpression(array))
    throw file.misses(`constant ${constant} = [...]`);
  return array;
}
