import { join } from 'node:path';
import { moduleDocument } from '@millrace/service-chassis/app';
import {
  commonCodes,
  listOfCodes,
  routesOf,
  tableOf,
  type OpenApiDocument,
  type Route,
} from '@millrace/test-support/routes';
import { appModules } from './app-modules.ts';
import { optionalApps, stackServices } from './stack-apps.ts';
import { workspace } from './workspace.ts';

const intro = `# Routes

\`npm run reference\` writes this page from the code of each app; a test compares it. Each app, except connect and
registry, describes its routes in an OpenAPI document: every field and an example of each answer, as a page at \`/docs\`
and as JSON at \`/docs/json\`. Besides these routes, every process answers \`/livez\`, \`/readyz\` and \`/metrics\`
([health](../OPERATIONS.md#health)), and a service [the operator API](../OPERATIONS.md#the-operator-api) on a port of its
own.

A refusal is a problem (RFC 9457) with one of the codes below, and its \`type\`, \`/problems/CODE\`, is a page that
explains it. [Errors](errors.md) has the codes that every service answers with.

_Repeated_ says what happens if a request is sent again: \`GET\` changes nothing; \`PUT\` and \`DELETE\` have the same
effect; a \`POST\` takes effect once under one \`Idempotency-Key\`, which it may have or must have
([asking again](../OPERATIONS.md#asking-again)). Without a key, a repeated \`POST\` is carried out again.
`;

/** Apps with the REST interface of another project, which describes it. */
const interfacesOfOthers: Readonly<Record<string, string>> = {
  connect:
    'It has the REST interface of Kafka Connect, which ' +
    '[Apache Kafka describes](https://kafka.apache.org/documentation/#connect_rest). ' +
    '[Connectors](../operations/connect.md#the-interface) has the calls that one needs, and what is stricter here.',
  registry:
    "It has the REST interface of Confluent's schema registry, which " +
    '[Confluent describes](https://docs.confluent.io/platform/current/schema-registry/develop/api.html). ' +
    '[What it lacks](../../libs/schema-registry/README.md#what-it-is-not) is in its README.',
};

const optionalAppsIntro =
  'Start one with `npm start -- --with NAME`. All of them except connect and registry refuse:';

const consoleIntro = `The page of the console calls these routes, so they change with it: a program calls
[the operator API](../OPERATIONS.md#the-operator-api) instead. A request that a browser sends for another page is refused.
A POST needs the header \`x-millrace-console\`, and with \`CONSOLE_TOKEN\` every request needs the cookie of
\`POST /api/session\`. \`CONSOLE_READ_ONLY=1\` refuses acts with \`read_only\`. A list from several services leaves out
those that do not answer, and names them. What the console passes on may be refused where it arrives: then the answer has
the code of the service, or \`refused\` if the supervisor, Connect or the registry refused it, with the same status.
\`/api/faults\` is there only with \`MILLRACE_FAULTS=1\`. The events of a \`live\` route are \`snapshot\`, with the whole
state, \`change\`, with the parts that differ, and \`alive\`.`;

/** The routes of each app with an interface of its own, by its name. */
export async function describedRoutes(): Promise<ReadonlyMap<string, readonly Route[]>> {
  const found = new Map<string, readonly Route[]>();
  for (const { app, make } of await appModules()) {
    if (app in interfacesOfOthers) continue;
    const isConsole = app === 'console';
    const everyCall = isConsole ? await refusalsOfConsole() : undefined;
    const module = make(isConsole ? { faults: true } : {});
    const document = await moduleDocument({ name: app, module, everyCall });
    found.set(app, routesOf(document as unknown as OpenApiDocument));
  }
  return found;
}

async function refusalsOfConsole(): Promise<Readonly<Record<number, readonly string[]>>> {
  const guard = (await import(join(workspace, 'apps/console/src/access/console-guard.ts'))) as {
    readonly consoleRefusals: Readonly<Record<number, readonly string[]>>;
  };
  return guard.consoleRefusals;
}

/** The text of docs/reference/routes.md. */
export async function routesPage(): Promise<string> {
  const routes = await describedRoutes();
  const routesAt = (app: string): readonly Route[] => routes.get(app) ?? [];
  const common = commonCodes(stackServices.flatMap(routesAt));
  const commonOfApps = commonCodes(optionalApps.flatMap(routesAt));
  return [
    intro,
    '## Refusals of every service',
    '',
    listOfCodes(common),
    '',
    ...stackServices.flatMap((service) => [`## ${service}`, '', tableOf(routesAt(service), common), '']),
    ...(optionalApps.length === 0 ? [] : ['## Optional apps', '', optionalAppsIntro, '']),
    ...(commonOfApps.length === 0 ? [] : [listOfCodes(commonOfApps), '']),
    ...optionalApps.flatMap((app) => [
      `### ${app}`,
      '',
      interfacesOfOthers[app] ?? tableOf(routesAt(app), commonOfApps),
      '',
    ]),
    ...(routes.has('console') ? consoleSection(routesAt('console')) : []),
  ].join('\n');
}

function consoleSection(routes: readonly Route[]): readonly string[] {
  const common = commonCodes(routes);
  return ['## The console', '', consoleIntro, '', listOfCodes(common), '', tableOf(routes, common), ''];
}
