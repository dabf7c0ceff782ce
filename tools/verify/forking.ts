import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastLineOf, runLogged, type LongRun } from './long-run.ts';

interface Command {
  /** In words, as the output names it. */
  readonly name: string;
  readonly folder?: string;
  readonly words: readonly string[];
}

/** Makes a fork as docs/FORKING.md says, and runs all of its own tests, then again without notification. */
export const forking: LongRun = {
  summary: 'a fork by npm run new -- project, with npm ci and npm test, and again without notification',
  async main(args) {
    parseArgs({ args: [...args], options: {} });
    const folder = mkdtempSync(join(tmpdir(), 'millrace-forking-'));
    const fork = join(folder, 'acme');
    const commands: readonly Command[] = [
      { name: 'new project', words: ['npm', 'run', 'new', '--', 'project', 'acme', '--in', fork] },
      { name: 'its packages', folder: fork, words: ['npm', 'ci'] },
      { name: 'its tests', folder: fork, words: ['npm', 'test'] },
      { name: 'removal', folder: fork, words: ['npm', 'run', 'remove', '--', 'service', 'notification'] },
      { name: 'its reference', folder: fork, words: ['npm', 'run', 'reference'] },
      { name: 'its tests without notification', folder: fork, words: ['npm', 'test'] },
    ];
    for (const command of commands)
      if (!(await succeeds(command))) {
        process.stdout.write(`The fork is kept in ${fork}\n`);
        return false;
      }
    rmSync(folder, { recursive: true });
    return true;
  },
};

async function succeeds({ name, folder, words: [program = '', ...args] }: Command): Promise<boolean> {
  const log = `tmp/forking-${name.replaceAll(' ', '-')}.log`;
  const { passed, minutes, output } = await runLogged(program, args, log, folder);
  const end = passed ? 'ok' : `FAILED: ${lastLineOf(output)} (${log})`;
  process.stdout.write(`${minutes.toFixed(1).padStart(6)} min  ${name}: ${end}\n`);
  return passed;
}
