import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { programEnvironment } from '@millrace/testing/program-command';
import type { Engines } from '@millrace/test-support/stack';
import { newRelease, type Release } from './release.ts';

export interface Program {
  /**
   * Resolves to its message over IPC once it serves. Rejects with the end of its output if it ends
   * instead.
   */
  readonly ready: Promise<{ readonly url: string }>;
  /**
   * Resolves once it has ended by itself. Rejects with the end of its output if its exit code is
   * not 0.
   */
  readonly done: Promise<void>;
  /** Sends SIGTERM and resolves once it is gone. */
  stop(): Promise<void>;
}

export function runProgram(
  { workspace }: Release,
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Program {
  const exitWithParent = join(newRelease.workspace, 'apps/stack/src/processes/exit-with-parent.ts');
  const runner = join(workspace, 'tools/run.mjs');
  const child = spawn(process.execPath, ['--import', exitWithParent, runner, file, ...args], {
    cwd: workspace,
    env: { ...programEnvironment(), LOG_LEVEL: 'error', ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said = keepErrors(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const failed = () => new Error(`${file} has ended: ${said()}`);
  const ready = Promise.race([
    once(child, 'message').then(([message]) => message as { url: string }),
    exited.then(() => Promise.reject(failed())),
  ]);
  const done = exited.then(([code]) => (code === 0 ? undefined : Promise.reject(failed())));
  for (const promise of [ready, done]) promise.catch(() => undefined);
  return {
    ready,
    done,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const errorLengthMax = 4_000;

function keepErrors(child: ChildProcess): () => string {
  let errors = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-errorLengthMax)),
  );
  return () => errors.trim();
}

/** Creates databases, tables and topics with the release's program `migrate`. */
export const migrate = (
  release: Release,
  { postgresUrl, keysUrl, bootstrapServers }: Engines,
): Promise<void> =>
  runProgram(release, join(release.workspace, 'apps/stack/src/migrate/main.ts'), [], {
    POSTGRES_URL: postgresUrl,
    KEYS_DATABASE_URL: keysUrl,
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
  }).done;
