/**
 * The setup step of the previous release, which has no program for it: databases, tables and topics. Run with that release's loader; the arguments are its
 * workspace, PostgreSQL's URL and the bootstrap servers.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface SetupModules {
  readonly stack: object;
  setUp(definition: object, target: object, logger: object): Promise<void>;
}

const [workspace = '', postgresUrl = '', bootstrapServers = ''] = process.argv.slice(2);
const load = (file: string) => import(pathToFileURL(join(workspace, 'apps/stack/src', file)).href);
const { stack, setUp }: SetupModules = { ...(await load('stack.ts')), ...(await load('setup/migrate.ts')) };
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
await setUp(stack, { postgresUrl, bootstrapServers: [bootstrapServers], workspace }, logger);
process.exit(0);
