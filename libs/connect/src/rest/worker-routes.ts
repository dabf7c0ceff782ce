import { connectorOf, type PluginTable } from '../settings/plugin-table.ts';
import { commonSettings } from '../settings/common-settings.ts';
import { validate } from '../settings/validation.ts';
import { CommandRefused } from '../worker/command-refused.ts';
import type { ConnectWorker } from '../worker/worker.ts';
import { configOf, objectOf } from './bodies.ts';
import type { LogLevels } from './log-levels.ts';
import type { RestAnswer, Route } from './rest-types.ts';
import { shownDefinition, shownValidation } from './shown.ts';

/** The version of Kafka's Connect whose interface the worker has. */
const version = '4.3.1';
const ok = (body: unknown): RestAnswer => ({ status: 200, body });
const validationMsMax = 30_000;

/** The routes that describe the worker, its plugins and its log levels. */
export const workerRoutes = (worker: ConnectWorker, levels: LogLevels): readonly Route[] => [
  {
    method: 'GET',
    path: /^\/$/,
    answer: async () => ok({ version, commit: 'millrace', kafka_cluster_id: await worker.clusterId() }),
  },
  {
    method: 'GET',
    path: /^\/health$/,
    answer: () =>
      ok({ status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' }),
  },
  {
    method: 'GET',
    path: /^\/connector-plugins$/,
    answer: ({ query }) =>
      ok(shownPlugins(worker.validation.plugins, query.get('connectorsOnly') !== 'false')),
  },
  {
    method: 'GET',
    path: /^\/connector-plugins\/([^/]+)\/config$/,
    answer({ params: [name = ''] }) {
      const connector = connectorOf(worker.validation.plugins, name);
      if (connector === undefined) throw new CommandRefused(404, `Unknown plugin ${name}.`);
      const settings = [...commonSettings(connector), ...connector.settings];
      return ok(settings.map((setting, index) => shownDefinition(setting, 'Connector', index + 1)));
    },
  },
  {
    method: 'PUT',
    path: /^\/connector-plugins\/([^/]+)\/config\/validate$/,
    async answer({ params: [name = ''], body }) {
      const config = configOf(body);
      const { plugins } = worker.validation;
      const asked = connectorOf(plugins, name);
      const given = connectorOf(plugins, config['connector.class']);
      if (config['connector.class'] !== undefined && given !== undefined && asked !== given)
        throw new CommandRefused(
          400,
          `Included connector type ${given.class} does not match request type ${name}`,
        );
      const complete = { 'connector.class': name, ...config };
      const found = await validate(worker.validation, complete, AbortSignal.timeout(validationMsMax));
      return ok(shownValidation(asked?.class ?? name, found));
    },
  },
  { method: 'GET', path: /^\/admin\/loggers$/, answer: () => ok(levels.all()) },
  {
    method: 'GET',
    path: /^\/admin\/loggers\/([^/]+)$/,
    answer({ params: [name = ''] }) {
      const level = levels.of(name);
      if (level === undefined) throw new CommandRefused(404, `Logger ${name} not found.`);
      return ok(level);
    },
  },
  {
    method: 'PUT',
    path: /^\/admin\/loggers\/([^/]+)$/,
    answer({ params: [name = ''], body }) {
      const { level } = objectOf(body, 'a level');
      if (typeof level !== 'string' || !levels.set(name, level))
        throw new CommandRefused(
          levels.of(name) === undefined ? 404 : 400,
          `level: ${levels.names.join(', ')} are possible, of the loggers ${Object.keys(levels.all()).join(', ')}`,
        );
      return ok([name]);
    },
  },
];

function shownPlugins(
  { connectors, converters, transforms, predicates }: PluginTable,
  connectorsOnly: boolean,
) {
  const shown = connectors.map(({ class: name, kind, version: own }) => ({
    class: name,
    type: kind as string,
    version: own,
  }));
  if (connectorsOnly) return shown;
  const others = (kinds: ReadonlyArray<{ readonly class: string }>, type: string) =>
    kinds.map(({ class: name }) => ({ class: name, type, version }));
  return [
    ...shown,
    ...others(converters, 'converter'),
    ...others(transforms, 'transformation'),
    ...others(predicates, 'predicate'),
  ];
}
