import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { inTime } from '@millrace/testing/within';

/** Runs a program that an image starts, such as `migrate`, with only a few settings from this process's environment. */
export function runImageProgram(program: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, programCommand(`apps/stack/src/${program}/main.ts`), {
    env: { ...programEnvironment(), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code], output]) => ({
    code: code as number,
    output,
  }));
  return { child, ended: inTime(exited, () => `${program} to end`) };
}
