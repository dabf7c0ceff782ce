import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Engines, ServiceName } from '@millrace/testing/shop';
import type { Release } from './release.ts';

export interface RunningEngines extends Engines {
  readonly mailFolder: string;
  readonly dataFolder: string;
  /** The settings that give the next start the same ports. */
  readonly ports: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Runs a program of this folder with the loader of the release, which is its first argument. */
function run({ workspace }: Release, program: string, args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
  const flags = ['--conditions=@millrace/source', '--import', join(workspace, 'tools/register.mjs'), join(import.meta.dirname, program)];
  return spawn(process.execPath, [...flags, workspace, ...args], {
    cwd: workspace,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

const freePorts = { POSTGRES_PORT: '0', BROKER_PORT: '0', SMTP_PORT: '0' };

/** PostgreSQL, broker and mail sink of a release, with what all services need in them. */
export async function startEngines(release: Release, dataFolder: string, ports: NodeJS.ProcessEnv = freePorts): Promise<RunningEngines> {
  const child = run(release, 'engines-process.ts', [dataFolder], { ...ports, MILLRACE_DATA: dataFolder });
  const said = keepErrors(child);
  const exited = once(child, 'exit');
  const failed = exited.then(() => Promise.reject(new Error(`the engines of the ${release.name} release have ended: ${said()}`)));
  failed.catch(() => undefined);
  const [places] = (await Promise.race([once(child, 'message'), failed])) as [Omit<RunningEngines, 'ports' | 'stop'>];
  return {
    ...places,
    ports: {
      POSTGRES_PORT: new URL(places.postgresUrl).port,
      BROKER_PORT: places.bootstrapServers.split(':')[1] ?? '',
      SMTP_PORT: new URL(places.smtpUrl).port,
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The migrations of one service, as the release has them. */
export async function migrate(release: Release, service: ServiceName, { postgresUrl, bootstrapServers }: Engines): Promise<void> {
  const child = run(release, 'setup-process.ts', [service, postgresUrl, bootstrapServers], {});
  const said = keepErrors(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the setup step of the ${release.name} release failed for ${service}: ${said()}`);
}

const errorLengthMax = 4_000;

function keepErrors(child: ChildProcess): () => string {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-errorLengthMax)));
  return () => errors.trim();
}
