/**
 * PostgreSQL, broker and mail sink of one release, with the databases, tables and topics of all services, and no service. Run with that release's
 * loader; the arguments are its workspace and the data folder. Says over IPC where everything is; SIGTERM stops it.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engines } from '@millrace/testing/shop';

/** As much of `apps/stack` as is used here, of whichever release. */
interface StackModules {
  readonly stack: object;
  readSettings(
    definition: object,
    sources: { environment: NodeJS.ProcessEnv; workspace: string; replicas: ReadonlyMap<string, number> },
  ): { definition: object };
  runStack(definition: object, options: object): Promise<Engines & { mailFolder: string; dataFolder: string; stop(): Promise<void> }>;
  setUp(definition: object, target: object, logger: object): Promise<void>;
}

const [workspace = '', dataFolder = ''] = process.argv.slice(2);
const connections = 300;

const load = async (...files: readonly string[]): Promise<StackModules> =>
  Object.assign({}, ...(await Promise.all(files.map((file) => import(pathToFileURL(join(workspace, 'apps/stack/src', file)).href)))));

const { stack, readSettings, runStack, setUp } = await load('stack.ts', 'config.ts', 'run-stack.ts', 'setup/migrate.ts');
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const stopping = new AbortController();
const stopped = new Promise<void>((resolve) => {
  for (const event of ['SIGTERM', 'disconnect'] as const) process.once(event, () => resolve());
});

const sources = { environment: process.env, workspace, replicas: new Map() };
const { definition } = readSettings(stack, sources);
const engines = await runStack(
  { ...definition, services: {} },
  {
    ...readSettings(stack, sources),
    workspace,
    dataFolder,
    fresh: false,
    connections,
    logLevel: 'error',
    print: (line: string) => void process.stderr.write(`${line}\n`),
    logger,
    signal: stopping.signal,
    onAbruptExit: (act: () => void) => void process.once('exit', act),
  },
);
const { postgresUrl, bootstrapServers, smtpUrl, mailFolder } = engines;
const log = { bootstrapServers: [bootstrapServers], security: {}, copies: {} };
await setUp(definition, { postgresUrl, ...log, log, workspace }, logger); // each release takes what it knows
process.send?.({ postgresUrl, bootstrapServers, smtpUrl, mailFolder, dataFolder });
await stopped;
await engines.stop();
process.exit(0);
