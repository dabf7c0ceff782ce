import type { Connector } from '../plugin/connector.ts';
import { connectorOf, kindOf, type PluginTable } from './plugin-table.ts';
import { checkExpression, wholeMatch } from '../plugin/expression.ts';
import { listOf, type ConnectConfig, type ConnectSetting, type SettingError } from '../plugin/setting.ts';
import { commonSettings, converterSettings } from './common-settings.ts';
import { canonical, problemOf } from './setting-problem.ts';

/** A setting with its effective value and the errors in it. */
export interface CheckedSetting {
  readonly setting: ConnectSetting;
  readonly group: string;
  readonly value: string | null;
  readonly errors: readonly string[];
}

/** The outcome of a validation. `config` has every default. It may be used if there are no errors. */
export interface Validation {
  readonly connector?: Connector;
  readonly config: ConnectConfig;
  readonly settings: readonly CheckedSetting[];
  readonly errorCount: number;
}

interface Declared {
  readonly group: string;
  readonly setting: ConnectSetting;
}

export interface ValidationContext {
  readonly plugins: PluginTable;
  /** The settings of the worker that a connector may override, such as `key.converter`. */
  readonly defaults: (connector: Connector) => ConnectConfig;
}

/**
 * Checks a configuration field by field. If every field is right, it also asks the connector to look outside.
 */
export async function validate(
  context: ValidationContext,
  given: ConnectConfig,
  signal: AbortSignal,
): Promise<Validation> {
  const checked = validateFields(context, given);
  if (checked.errorCount > 0 || checked.connector?.check === undefined) return checked;
  const found = await checked.connector
    .check(checked.config, signal)
    .catch((error: unknown) => [
      { setting: 'connector.class', message: error instanceof Error ? error.message : String(error) },
    ]);
  return found.length === 0 ? checked : withErrors(checked, found);
}

/** Checks a configuration without looking outside. */
export function validateFields({ plugins, defaults }: ValidationContext, given: ConnectConfig): Validation {
  const connector = connectorOf(plugins, given['connector.class']);
  if (connector === undefined) return withoutConnector(plugins, given);
  const merged = { ...inherited(defaults(connector), given), ...given };
  const declared = declaredSettings(plugins, connector, merged);
  const names = new Set(declared.map(({ setting }) => setting.name));
  const config = filledIn(declared, merged);
  const settings = [
    ...declared.map(({ setting, group }) => checkedSetting(setting, group, config)),
    ...Object.keys(given)
      .filter((name) => !names.has(name) && !isIgnored(plugins, connector, merged, name))
      .map((name) => unknownSetting(name, given[name] ?? null, connector)),
  ];
  const result = { connector, config, settings, errorCount: countErrors(settings) };
  const across = connector.kind === 'sink' ? topicProblems(config) : [];
  return across.length === 0 ? result : withErrors(result, across);
}

/** Returns the settings of the worker's own converters, except for those that the configuration replaces. */
function inherited(defaults: ConnectConfig, given: ConnectConfig): ConnectConfig {
  const overridden = converterSettings.filter((name) => name in given);
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !overridden.some((one) => name.startsWith(one))),
  );
}

function declaredSettings(
  plugins: PluginTable,
  connector: Connector,
  config: ConnectConfig,
): readonly Declared[] {
  return [
    ...commonSettings(connector).map((setting) => ({ group: 'Common', setting })),
    ...connector.settings.map((setting) => ({ group: 'Connector', setting })),
    ...converterSettings.flatMap((name) => {
      const kinds = name === 'header.converter' ? plugins.headerConverters : plugins.converters;
      return withKind('Converters', { name, doc: `The class of the ${name}.`, kinds }, config, `${name}.`);
    }),
    ...listOf(config['transforms']).flatMap((name) =>
      transformSettings(plugins, `transforms.${name}.`, config),
    ),
    ...listOf(config['predicates']).flatMap((name) => {
      const type = {
        name: `predicates.${name}.type`,
        doc: 'The class of the predicate.',
        kinds: plugins.predicates,
      };
      return withKind('Predicates', type, config, `predicates.${name}.`);
    }),
  ];
}

function transformSettings(plugins: PluginTable, prefix: string, config: ConnectConfig): readonly Declared[] {
  const type = { name: `${prefix}type`, doc: 'The class of the transform.', kinds: plugins.transforms };
  const group = 'Transforms';
  const predicate: ConnectSetting = {
    name: `${prefix}predicate`,
    type: 'STRING',
    optional: true,
    importance: 'MEDIUM',
    doc: 'The name of the predicate that a record has to fulfil.',
    check: (name) =>
      listOf(config['predicates']).includes(name) ? undefined : `the list predicates does not have ${name}`,
  };
  const negate: ConnectSetting = {
    name: `${prefix}negate`,
    type: 'BOOLEAN',
    default: 'false',
    importance: 'MEDIUM',
    doc: 'Whether the predicate has to fail.',
  };
  return [
    ...withKind(group, type, config, prefix),
    { group, setting: predicate },
    { group, setting: negate },
  ];
}

interface KindSetting {
  readonly name: string;
  readonly doc: string;
  readonly kinds: ReadonlyArray<{ readonly class: string; readonly settings: readonly ConnectSetting[] }>;
}

/** Returns the setting that names a class, and the settings of that class. */
function withKind(
  group: string,
  { name, doc, kinds }: KindSetting,
  config: ConnectConfig,
  prefix: string,
): readonly Declared[] {
  const type: ConnectSetting = {
    name,
    type: 'CLASS',
    importance: 'HIGH',
    doc,
    check: (value) =>
      kindOf(kinds, value)
        ? undefined
        : `Class ${value} could not be found. Known: ${kinds.map((kind) => kind.class).join(', ')}`,
  };
  const own = kindOf(kinds, config[name])?.settings ?? [];
  return [{ group, setting: type }, ...own.map((setting) => ({ group, setting: prefixed(setting, prefix) }))];
}

const prefixed = ({ check, ...setting }: ConnectSetting, prefix: string): ConnectSetting => ({
  ...setting,
  name: `${prefix}${setting.name}`,
  ...(check && {
    check: (value: string, config: ConnectConfig) => check(value, withoutPrefix(config, prefix)),
  }),
});

/** Returns the settings with this prefix, without it. */
export const withoutPrefix = (config: ConnectConfig, prefix: string): ConnectConfig =>
  Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );

/** Returns the configuration with every default, and with values as their readers compare them. */
const filledIn = (declared: readonly Declared[], given: ConnectConfig): ConnectConfig => ({
  ...given,
  ...Object.fromEntries(
    declared.flatMap(({ setting }) => {
      const value = given[setting.name] ?? setting.default;
      return value === undefined ? [] : [[setting.name, canonical(setting, value)]];
    }),
  ),
});

const checkedSetting = (setting: ConnectSetting, group: string, config: ConnectConfig): CheckedSetting => {
  const problem = problemOf(setting, config);
  return {
    setting,
    group,
    value: config[setting.name] ?? null,
    errors: problem === undefined ? [] : [problem],
  };
};

/** An entry of `ignored` that ends with `*` stands for every setting that begins with the rest of it. */
function isIgnored(plugins: PluginTable, connector: Connector, config: ConnectConfig, name: string): boolean {
  const fits = (pattern: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  const ofConverters = converterSettings.flatMap((one) =>
    (kindOf(plugins.headerConverters, config[one])?.ignored ?? []).map((setting) => `${one}.${setting}`),
  );
  const ofTransforms = listOf(config['transforms']).flatMap((one) =>
    (kindOf(plugins.transforms, config[`transforms.${one}.type`])?.ignored ?? []).map(
      (setting) => `transforms.${one}.${setting}`,
    ),
  );
  return [...connector.ignored, ...ofConverters, ...ofTransforms].some(fits);
}

const unknownSetting = (name: string, value: string | null, connector: Connector): CheckedSetting => ({
  setting: { name, type: 'STRING', optional: true, importance: 'LOW', doc: '' },
  group: 'Unknown',
  value,
  errors: [`${connector.class} has no setting ${name}: correct its name, or remove it`],
});

function topicProblems(config: ConnectConfig): readonly SettingError[] {
  const { topics, 'topics.regex': regex } = config;
  if ((topics === undefined) === (regex === undefined))
    return [{ setting: 'topics', message: 'Must configure one of topics or topics.regex' }];
  const deadLetters = config['errors.deadletterqueue.topic.name'];
  if (
    deadLetters &&
    (listOf(topics).includes(deadLetters) ||
      (regex && checkExpression(regex) === undefined && wholeMatch(regex)(deadLetters)))
  )
    return [
      { setting: 'topics', message: `the dead letter queue ${deadLetters} must not be one of the topics` },
    ];
  return [];
}

function withErrors(validation: Validation, found: readonly SettingError[]): Validation {
  const settings = validation.settings.map((one) => ({
    ...one,
    errors: [
      ...one.errors,
      ...found.flatMap(({ setting, message }) => (setting === one.setting.name ? [message] : [])),
    ],
  }));
  return { ...validation, settings, errorCount: countErrors(settings) };
}

const countErrors = (settings: readonly CheckedSetting[]): number =>
  settings.reduce((count, { errors }) => count + errors.length, 0);

function withoutConnector(plugins: PluginTable, given: ConnectConfig): Validation {
  const name = given['connector.class'];
  const known = plugins.connectors.map((one) => one.class).join(', ');
  const message =
    name === undefined
      ? 'Missing required configuration "connector.class" which has no default value.'
      : (plugins.elsewhere.get(name) ??
        `Failed to find any class that implements Connector and which name matches ${name}. Available: ${known}`);
  const setting = commonSettings({ kind: 'sink' }).find((one) => one.name === 'connector.class')!;
  return {
    config: given,
    settings: [{ setting, group: 'Common', value: name ?? null, errors: [message] }],
    errorCount: 1,
  };
}
