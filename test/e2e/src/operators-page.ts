import {
  commonCodes,
  listOfCodes,
  routesOf,
  tableOf,
  type OpenApiDocument,
  type Route,
} from '@millrace/test-support/routes';
import { request } from '@millrace/test-support/shop';

const intro = `# The operator API

\`npm run reference\` writes this page from the OpenAPI documents that the services of a running system serve; a test
compares it. Every process serves these routes on a port of its own
([how it is protected](../OPERATIONS.md#the-operator-api)), and \`npm run millrace\` calls them. The document with every
field is at \`/docs\` of that port. [Routes](routes.md) says how to read the table. A route with services in parentheses is
served by these only, since the others lack the part that it is about. Refusals of all of them:
`;

/** The text of docs/reference/operator-api.md, from the operator APIs of these services. */
export async function operatorsPage(urls: Readonly<Record<string, string>>): Promise<string> {
  const routes = await sharedRoutes(urls);
  const common = commonCodes(routes);
  return [intro, listOfCodes(common), '', tableOf(routes, common), ''].join('\n');
}

/** The routes of all documents, each once, with the services that have it if not all have. */
async function sharedRoutes(urls: Readonly<Record<string, string>>): Promise<readonly Route[]> {
  const found = new Map<string, { readonly route: Route; readonly at: string[] }>();
  for (const [service, url] of Object.entries(urls))
    for (const route of await servedRoutes(url)) {
      const key = `${route.method} ${route.path}`;
      const known = found.get(key) ?? { route, at: [] };
      known.at.push(service);
      found.set(key, known);
    }
  const all = Object.keys(urls).length;
  return [...found.values()].map(({ route, at }) => (at.length === all ? route : { ...route, onlyAt: at }));
}

/** The routes that a running app describes. */
export const servedRoutes = async (url: string): Promise<readonly Route[]> =>
  routesOf((await request<OpenApiDocument>('GET', `${url}/docs/json`)).body);
