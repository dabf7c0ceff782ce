import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { agrees, comparableLines } from '@millrace/test-support/printed';
import { usersPath } from '@millrace/testing/users-path';
import { freeBasePortOfSystem } from '../system-ports.ts';
import type { Ended, Running, WorkspaceCopy } from '../workspace-copy.ts';
import { standsIn, type Commands, type Excerpt, type Section } from './page.ts';

/** The command that starts the system, with the settings before it. */
const startOfSystem = /^([A-Z_]+=\S+ )*npm start /;

/** The last line of `npm start`, which runs until the reader presses Ctrl-C. */
const started = 'Ctrl-C stops everything';

/**
 * Commands that only look are repeated until the system has come as far as the page shows. They fail
 * while a service that was killed starts again.
 */
const onlyLooks = (script: string): boolean =>
  script.split('\n').every((line) => /^(npm run -s millrace -- (sagas|streams|parked) |$)/.test(line));
const patienceMs = 120_000;
/** Each look costs half a second of CPU time, so the pause between them grows up to this. */
const pauseMsMax = 4_000;

/** Follows the tutorial in a copy of the workspace, on free ports. */
export class Reader {
  readonly #copy: WorkspaceCopy;
  readonly #basePort: number;
  #system: Running | undefined;

  private constructor(copy: WorkspaceCopy, basePort: number) {
    this.#copy = copy;
    this.#basePort = basePort;
  }

  static async open(copy: WorkspaceCopy): Promise<Reader> {
    return new Reader(copy, await freeBasePortOfSystem());
  }

  /**
   * Runs the commands of a section, whose `npm run tutorial` writes its changes. Throws if a command fails, if
   * it prints other lines than the page shows, or if a file differs from its excerpt.
   */
  async perform({ acts }: Section): Promise<void> {
    for (const act of acts)
      if (act.kind === 'commands') await (startOfSystem.test(act.script) ? this.#start(act) : this.#run(act));
      else if (act.kind === 'excerpt') this.#compareExcerpt(act);
  }

  /** Stops the system, as Ctrl-C does. */
  async stop(): Promise<void> {
    this.#system?.interrupt();
    await this.#system?.ended;
    this.#system = undefined;
  }

  /** Stops the system that an earlier section has started, and starts it again. */
  async #start({ script, output }: Commands): Promise<void> {
    await this.stop();
    this.#system = this.#copy.start('sh', ['-c', `exec env ${script.trim()} --base-port ${this.#basePort}`]);
    const printed = await this.#system.prints(started);
    this.#compare(printed, output);
  }

  async #run({ script, output }: Commands): Promise<void> {
    const until = Date.now() + patienceMs;
    for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, pauseMsMax)) {
      const { code, output: printed } = await this.#inShell(script);
      try {
        if (code !== 0) throw new Error(`the command ended with ${code}: ${script}${printed}`);
        return this.#compare(printed, output);
      } catch (error) {
        if (!onlyLooks(script) || Date.now() > until) throw error;
        await sleep(pauseMs);
      }
    }
  }

  /** Runs a script with the variables that earlier ones have set, as in one terminal. */
  #inShell(script: string): Promise<Ended> {
    const onFreePorts = script.replaceAll(/(?<=localhost:)3\d{3}/g, (port) =>
      String(Number(port) - 3_000 + this.#basePort),
    );
    const variables = join(this.#copy.folder, '.variables');
    return this.#copy.run(
      'sh',
      ['-c', `set -ea; [ ! -f ${variables} ] || . ${variables}\n${onFreePorts}\nexport -p > ${variables}`],
      { env: { PATH: usersPath, NX_DAEMON: 'false', NX_SKIP_NX_CACHE: 'true' } },
    );
  }

  #compareExcerpt({ path, text }: Excerpt): void {
    if (!standsIn(readFileSync(join(this.#copy.folder, path), 'utf8'), text))
      throw new Error(`${path} does not have these lines:\n${text}`);
  }

  #compare(printed: string, shown: string | undefined): void {
    if (shown === undefined) return;
    const [actual, expected] = [printed, shown].map((text) => comparableLines(text, this.#basePort));
    if (agrees(actual!, expected!)) return;
    throw new Error(`the page shows:\n${expected!.join('\n')}\nbut this was printed:\n${actual!.join('\n')}`);
  }
}
