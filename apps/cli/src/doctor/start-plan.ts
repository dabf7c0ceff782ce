import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { CommandFailed } from '../command/failures.ts';

export interface PlannedPort {
  readonly label: string;
  readonly port: number;
  readonly portSetting: string;
  /** Whether the part moves to a free port if this one is taken. */
  readonly orAnyFree?: boolean;
}

/** The folder and the ports that `npm start` would use, or the error in its settings. */
export type StartPlan =
  | { readonly problem: string }
  | {
      readonly dataFolder: string;
      readonly notices: readonly string[];
      readonly ports: readonly PlannedPort[];
    };

/** Asks the stack's own program, which starts and writes nothing. */
export async function readStartPlan(workspace: string, environment: NodeJS.ProcessEnv): Promise<StartPlan> {
  const program = [join(workspace, 'tools/run.mjs'), join(workspace, 'apps/stack/src/plan/main.ts')];
  const child = spawn(process.execPath, program, {
    cwd: workspace,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return JSON.parse(out) as StartPlan;
  } catch (cause) {
    throw new CommandFailed(`the settings of npm start cannot be read: ${err.trim().split('\n').at(-1)}`, {
      cause,
    });
  }
}
