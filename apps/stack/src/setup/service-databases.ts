import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationFolder } from '@millrace/streaming-core/postgres';
import type { ServiceDefinition } from '../definition/define-stack.ts';
import { settingPrefix } from '../definition/service-processes.ts';

export interface ServiceDatabase {
  /** The name of its tables in error messages. */
  readonly name: string;
  readonly url: string;
  readonly folders: readonly MigrationFolder[];
}

export interface DatabaseSources {
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  readonly workspace: string;
  /**
   * The environment, which may put a service's read models into a database elsewhere:
   * `ORDER_READ_DATABASE_URL`.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The libraries that bring tables, in the order in which they build on each other. */
const librariesWithTables = ['streaming-core', 'event-sourcing', 'saga', 'service-chassis'];

/**
 * Returns a service's own database, and that of its read models if they have one. Otherwise, the
 * service's database has their tables. An app without a database has neither.
 */
export function databasesOf(
  { app, database, readDatabase }: ServiceDefinition,
  sources: DatabaseSources,
): readonly ServiceDatabase[] {
  if (database === undefined) return [];
  const { postgresUrl, workspace, environment = {} } = sources;
  const library = (name: string) => ({ library: name, folder: join(workspace, 'libs', name, 'migrations') });
  const own = { library: app, folder: join(workspace, 'apps', app, 'src/migrations') };
  const read = { library: `${app}-read`, folder: join(own.folder, 'read') };
  const folders = [...tablesOf(app, workspace).map(library), own];
  const url = `${postgresUrl}/${database}`;
  if (!existsSync(read.folder)) return [{ name: app, url, folders }];
  const readUrl =
    environment[`${settingPrefix(app)}_READ_DATABASE_URL`]?.trim() ||
    (readDatabase && `${postgresUrl}/${readDatabase}`);
  if (!readUrl) return [{ name: app, url, folders: [...folders, read] }];
  return [
    { name: app, url, folders },
    { name: `the read models of ${app}`, url: readUrl, folders: [library('streaming-core'), read] },
  ];
}

/** A service has the tables of the libraries that it depends on. */
function tablesOf(app: string, workspace: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(workspace, 'apps', app, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return librariesWithTables.filter((name) => `@millrace/${name}` in manifest.dependencies);
}
