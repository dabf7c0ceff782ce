import type { TargetState } from '../logs/config-log.ts';
import { unknownConnector } from '../worker/command-refused.ts';
import type { ConnectWorker } from '../worker/worker.ts';
import { configOf, configPatchOf, named, newConnectorOf, offsetsOf } from './bodies.ts';
import type { RestAnswer, Route, RouteRequest } from './rest-types.ts';
import { shownInfo, shownStatus, shownTaskStatus } from './shown.ts';

const nameIn = ({ params: [name = ''] }: RouteRequest): string => name;
const ok = (body: unknown): RestAnswer => ({ status: 200, body });

/** The routes below `/connectors`, as Kafka's Connect has them. */
export function connectorRoutes(worker: ConnectWorker): readonly Route[] {
  return [
    ...readingRoutes(worker),
    ...changingRoutes(worker),
    ...offsetRoutes(worker),
    ...restartRoutes(worker),
  ];
}

const readingRoutes = (worker: ConnectWorker): readonly Route[] => [
  {
    method: 'GET',
    path: /^\/connectors$/,
    answer: ({ query }) => ok(listed(worker, query.getAll('expand'))),
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)$/,
    answer: (request) => ok(shownInfo(worker, nameIn(request))),
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/config$/,
    answer: (request) => ok(shownInfo(worker, nameIn(request)).config),
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/status$/,
    answer: (request) => ok(shownStatus(worker, nameIn(request))),
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/tasks$/,
    answer(request) {
      const name = nameIn(request);
      const tasks = worker.state.configs.entry(name)?.tasks;
      if (tasks === undefined) throw unknownConnector(name);
      return ok(tasks.map((config, task) => ({ id: { connector: name, task }, config })));
    },
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/tasks\/(\d+)\/status$/,
    answer: ({ params: [name = '', task] }) => ok(shownTaskStatus(worker, name, Number(task))),
  },
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/topics$/,
    answer(request) {
      const { name } = shownInfo(worker, nameIn(request));
      return ok({ [name]: { topics: worker.state.statuses.topicsOf(name) } });
    },
  },
  {
    method: 'PUT',
    path: /^\/connectors\/([^/]+)\/topics\/reset$/,
    async answer(request) {
      await worker.reports.resetTopics(shownInfo(worker, nameIn(request)).name);
      return { status: 202 };
    },
  },
];

function listed(worker: ConnectWorker, expand: readonly string[]): unknown {
  const { names } = worker.state.configs;
  const wanted = expand.filter((one) => one === 'info' || one === 'status');
  if (wanted.length === 0) return names;
  const shown = (name: string) => ({
    ...(wanted.includes('info') && { info: shownInfo(worker, name) }),
    ...(wanted.includes('status') &&
      worker.state.statuses.of({ connector: name }) && { status: shownStatus(worker, name) }),
  });
  return Object.fromEntries(names.map((name) => [name, shown(name)]));
}

const created = (worker: ConnectWorker, name: string): RestAnswer => ({
  status: 201,
  body: shownInfo(worker, name),
  location: `/connectors/${encodeURIComponent(name)}`,
});

const changingRoutes = (worker: ConnectWorker): readonly Route[] => [
  {
    method: 'POST',
    path: /^\/connectors$/,
    at: 'leader',
    async answer({ body }) {
      const { name, config, target } = newConnectorOf(body);
      await worker.commands.create(name, config, target);
      return created(worker, name);
    },
  },
  {
    method: 'PUT',
    path: /^\/connectors\/([^/]+)\/config$/,
    at: 'leader',
    async answer(request) {
      const name = nameIn(request);
      const isNew = await worker.commands.put(name, named(name, configOf(request.body)));
      return isNew ? created(worker, name) : ok(shownInfo(worker, name));
    },
  },
  {
    method: 'PATCH',
    path: /^\/connectors\/([^/]+)\/config$/,
    at: 'leader',
    async answer(request) {
      const name = nameIn(request);
      await worker.commands.patch(name, named(name, configPatchOf(request.body)));
      return ok(shownInfo(worker, name));
    },
  },
  {
    method: 'DELETE',
    path: /^\/connectors\/([^/]+)$/,
    at: 'leader',
    async answer(request) {
      await worker.commands.remove(nameIn(request));
      return { status: 204 };
    },
  },
  targetRoute(worker, 'pause', 'PAUSED'),
  targetRoute(worker, 'resume', 'STARTED'),
  targetRoute(worker, 'stop', 'STOPPED', 204),
];

const targetRoute = (worker: ConnectWorker, verb: string, target: TargetState, status = 202): Route => ({
  method: 'PUT',
  path: new RegExp(`^/connectors/([^/]+)/${verb}$`),
  at: 'leader',
  async answer(request) {
    await worker.commands.setTarget(nameIn(request), target);
    return { status };
  },
});

const offsetRoutes = (worker: ConnectWorker): readonly Route[] => [
  {
    method: 'GET',
    path: /^\/connectors\/([^/]+)\/offsets$/,
    answer: async (request) => ok({ offsets: await worker.offsets.list(nameIn(request)) }),
  },
  {
    method: 'PATCH',
    path: /^\/connectors\/([^/]+)\/offsets$/,
    at: 'leader',
    async answer(request) {
      await worker.offsets.alter(nameIn(request), offsetsOf(request.body));
      return ok({ message: 'The offsets for this connector have been altered successfully' });
    },
  },
  {
    method: 'DELETE',
    path: /^\/connectors\/([^/]+)\/offsets$/,
    at: 'leader',
    async answer(request) {
      await worker.offsets.reset(nameIn(request));
      return ok({ message: 'The offsets for this connector have been reset successfully' });
    },
  },
];

const restartRoutes = (worker: ConnectWorker): readonly Route[] => [
  {
    method: 'POST',
    path: /^\/connectors\/([^/]+)\/restart$/,
    at: 'leader',
    async answer(request) {
      const connector = nameIn(request);
      const includeTasks = request.query.get('includeTasks') === 'true';
      const onlyFailed = request.query.get('onlyFailed') === 'true';
      await worker.commands.restart({ connector, includeTasks, onlyFailed });
      if (!includeTasks && !onlyFailed) return { status: 204 };
      return { status: 202, body: restarting(shownStatus(worker, connector), includeTasks, onlyFailed) };
    },
  },
  {
    method: 'POST',
    path: /^\/connectors\/([^/]+)\/tasks\/(\d+)\/restart$/,
    at: ({ params: [connector = '', task] }) => worker.ownerOf({ connector, task: Number(task) }),
    answer({ params: [connector = '', task] }) {
      const { id } = shownTaskStatus(worker, connector, Number(task));
      worker.restartTask({ connector, task: id });
      return { status: 204 };
    },
  },
];

/** The answer shows the connector and the tasks that are being restarted. */
function restarting(status: ReturnType<typeof shownStatus>, includeTasks: boolean, onlyFailed: boolean) {
  const isConcerned = ({ state }: { readonly state: string }) => !onlyFailed || state === 'FAILED';
  const shown = <Part extends { readonly state: string }>(part: Part) =>
    isConcerned(part) ? { ...part, state: 'RESTARTING' } : part;
  return {
    ...status,
    connector: shown(status.connector),
    tasks: includeTasks ? status.tasks.map(shown) : status.tasks,
  };
}
