/** The setup step of one release for one service: its migrations. Arguments: workspace, service, PostgreSQL's URL, bootstrap servers. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface SetupModules {
  readonly stack: { readonly services: Readonly<Record<string, object>> };
  setUp(definition: object, target: object, logger: object): Promise<void>;
}

const [workspace = '', service = '', postgresUrl = '', bootstrapServers = ''] = process.argv.slice(2);
const load = (file: string) => import(pathToFileURL(join(workspace, 'apps/stack/src', file)).href);
const { stack, setUp }: SetupModules = { ...(await load('stack.ts')), ...(await load('setup/migrate.ts')) };
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const log = { bootstrapServers: [bootstrapServers], security: {}, copies: {} };
await setUp({ ...stack, services: { [service]: stack.services[service] } }, { postgresUrl, ...log, log, workspace }, logger);
process.exit(0);
