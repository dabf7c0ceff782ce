import { request } from '@millrace/test-support/shop';
import type { StackPlaces } from '@millrace/test-support/stack';

interface Operation {
  readonly summary: string;
  readonly parameters?: ReadonlyArray<{
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }>;
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A route of an OpenAPI document. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const routesOf = ({ paths }: OpenApiDocument): readonly Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

const intro = `# Routes

\`npm run reference\` writes this page from the OpenAPI documents that the services of a running system serve; a test
compares it. Each service has its document, with every field and an example of each answer, as a page at \`/docs\` and as
JSON at \`/docs/json\`. Besides its own routes, every process answers \`/livez\`, \`/readyz\` and \`/metrics\`
([health](../OPERATIONS.md#health)).

A refusal is a problem (RFC 9457) with one of the codes below, and its \`type\`, \`/problems/CODE\`, is a page that
explains it. [Errors](errors.md) has the codes that every service answers with.

_Repeated_ says what happens if a request is sent again: \`GET\` changes nothing; \`PUT\` and \`DELETE\` have the same
effect; a \`POST\` takes effect once under one \`Idempotency-Key\`, which it may have or must have
([asking again](../OPERATIONS.md#asking-again)).
`;

interface ServedRoute {
  readonly route: Route;
  /** The services that have it. */
  readonly at: readonly string[];
}

/** The text of docs/reference/routes.md. */
export async function routesPage({ urls, operators = {} }: StackPlaces): Promise<string> {
  const services = Object.keys(urls);
  const served = await routesAt(urls);
  const common = commonCodes(served);
  const operated = await routesAt(operators, services);
  return [
    intro,
    '## Refusals of every service',
    '',
    ...common.map(({ about, codes }) => `- ${about}: ${codes.join(', ')}`),
    '',
    ...services.flatMap((service) => [
      `## ${service}`,
      '',
      tableOf(
        served.filter(({ at }) => at.includes(service)),
        common,
      ),
      '',
    ]),
    '## The operator API',
    '',
    'Every process serves these on a port of its own ([how it is protected](../OPERATIONS.md#the-operator-api)). ' +
      '`npm run millrace` calls them. A route with services in parentheses is served by these only, since the others ' +
      'lack the part that it is about. Refusals of all of them:',
    '',
    ...commonCodes(operated).map(({ about, codes }) => `- ${about}: ${codes.join(', ')}`),
    '',
    tableOf(operated, commonCodes(operated), services.length),
    '',
  ].join('\n');
}

/** The routes of all documents. Of the named services, those of one path are one route. */
async function routesAt(
  places: Readonly<Record<string, string>>,
  together: readonly string[] = [],
): Promise<readonly ServedRoute[]> {
  const found = new Map<string, { readonly route: Route; readonly at: string[] }>();
  const services = together.length > 0 ? together : Object.keys(places);
  for (const service of services)
    for (const route of routesOf(await documentAt(places[service] ?? ''))) {
      const owner = together.length > 0 ? '' : service;
      const key = `${owner} ${route.method} ${route.path}`;
      const known = found.get(key) ?? { route, at: [] };
      known.at.push(service);
      found.set(key, known);
    }
  return [...found.values()];
}

const documentAt = async (url: string): Promise<OpenApiDocument> =>
  (await request<OpenApiDocument>('GET', `${url}/docs/json`)).body;

/** A table of routes. With the number of services, it says which of them have a route if not all have it. */
function tableOf(served: readonly ServedRoute[], common: readonly Common[], services?: number): string {
  const rows = served.map(({ route, at }) => {
    const { method, path, operation } = route;
    const where = services === undefined || at.length === services ? '' : ` (${at.join(', ')})`;
    const cells = [
      `\`${method} ${path}\`${where}`,
      operation.summary,
      parametersOf(operation),
      repeated(route),
      successOf(operation),
      refusalsOf(route, common),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| route | what it does | query and headers | repeated | answer | further refusals |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const codesOf = ({ responses }: Operation): readonly string[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([status, { description = '' }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} \`${code}\``),
    );

/** Refusals that all routes of a kind share. */
interface Common {
  readonly about: string;
  readonly isAbout: (route: Route) => boolean;
  readonly codes: readonly string[];
}

const kinds: ReadonlyArray<Pick<Common, 'about' | 'isAbout'>> = [
  { about: 'any request', isAbout: () => true },
  { about: 'a request with a parameter in its path', isAbout: ({ path }) => path.includes('{') },
  { about: 'a request with a body', isAbout: ({ method }) => method !== 'GET' },
  { about: 'a `POST`', isAbout: ({ method }) => method === 'POST' },
];

/** The refusals that all routes share, and those of each kind beyond them. */
function commonCodes(served: readonly ServedRoute[]): readonly Common[] {
  const common: Common[] = [];
  for (const { about, isAbout } of kinds) {
    const lists = served.filter(({ route }) => isAbout(route)).map(({ route }) => codesOf(route.operation));
    const known = common.flatMap(({ codes }) => codes);
    const codes = (lists[0] ?? []).filter(
      (code) => lists.every((list) => list.includes(code)) && !known.includes(code),
    );
    common.push({ about, isAbout, codes: codes.sort() });
  }
  return common.filter(({ codes }) => codes.length > 0);
}

function refusalsOf(route: Route, common: readonly Common[]): string {
  const shared = new Set(common.filter(({ isAbout }) => isAbout(route)).flatMap(({ codes }) => codes));
  return codesOf(route.operation)
    .filter((code) => !shared.has(code))
    .join(', ');
}

const parametersOf = ({ parameters = [] }: Operation): string =>
  parameters
    .filter((parameter) => parameter.in !== 'path' && parameter.name !== 'Idempotency-Key')
    .map(({ name, required }) => `\`${name}\`${required === true ? ' (required)' : ''}`)
    .join(', ');

function repeated({ method, operation }: Route): string {
  if (method === 'GET') return 'changes nothing';
  if (method === 'PUT' || method === 'DELETE') return 'has the same effect';
  const key = operation.parameters?.find(({ name }) => name === 'Idempotency-Key');
  if (key === undefined) return 'takes effect again';
  return key.required === true ? 'once, needs a key' : 'once with a key';
}

const successOf = ({ responses }: Operation): string =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, { description = '' }]) => (description === 'Done' ? status : `${status}: ${description}`))
    .join('; ');
