import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { memoryOf } from '../broker/process-usage.ts';
import type { StateEvent, StateRun } from './state-run.ts';

const workspace = join(import.meta.dirname, '../../../..');
/** Heap enough for any number of keys. Without limits V8 lets garbage grow with the machine. */
const heapLimits = ['--max-semi-space-size=8', '--max-old-space-size=320'];
const program = [
  ...heapLimits,
  '--conditions=@millrace/source',
  '--import',
  join(workspace, 'tools/typescript/register.mjs'),
  join(import.meta.dirname, 'state.program.ts'),
];

export class StateProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #events: AsyncIterator<string>;
  readonly #beganMs = performance.now();

  constructor(run: StateRun) {
    const args = [...program, JSON.stringify(run)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#closed = once(this.#child, 'close');
    this.#events = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Resolves to the next event, which has to be of this kind. */
  async event<Name extends StateEvent['event']>(
    name: Name,
  ): Promise<Extract<StateEvent, { readonly event: Name }>> {
    const { value, done } = await this.#events.next();
    const event = done === true ? undefined : (JSON.parse(value) as StateEvent);
    if (event?.event !== name) throw new Error(`the application ended before it was ${name}`);
    return event as Extract<StateEvent, { readonly event: Name }>;
  }

  get elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }

  /** The peak of its resident memory up to now. */
  get peakMb(): number {
    return memoryOf(this.#child.pid ?? 0).peakMb;
  }

  /** Lets the application commit and close its files. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#closed;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
