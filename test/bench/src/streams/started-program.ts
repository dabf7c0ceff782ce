import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { memoryOf } from '../broker/process-usage.ts';
import { cpuTimeMs } from '../saga/cpu-time.ts';
import type { ProgramEvent } from './workloads.ts';

/** The resources that a process has used up to now. */
export interface Usage {
  readonly cpuMs: number;
  /** The peak of its resident memory. */
  readonly peakMb: number;
}

const stopLimitMs = 60_000;
const errorsShownMax = 4_000;

/** The process of one side, which prints its events and ends when its standard input ends. */
export class StartedProgram {
  readonly #child: ChildProcess;
  readonly #events = new Map<string, PromiseWithResolvers<ProgramEvent>>();
  /** When it was started, in Unix time. */
  readonly beganMs = Date.now();
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor([program, ...args]: readonly [string, ...string[]]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close').catch((error: unknown) => error);
    for (const output of [this.#child.stdout, this.#child.stderr])
      if (output !== null) createInterface({ input: output }).on('line', (line) => this.#take(line));
  }

  /** Rejects with the end of the program's output if it ends before. */
  async event(name: ProgramEvent['event'], limitMs: number): Promise<ProgramEvent> {
    const late = setTimeout(() => this.#child.kill('SIGKILL'), limitMs);
    try {
      return await Promise.race([this.#awaited(name).promise, this.died()]);
    } finally {
      clearTimeout(late);
    }
  }

  async died(): Promise<never> {
    await this.#ended;
    throw new Error(`the program has ended:\n${this.#output.slice(-errorsShownMax)}`);
  }

  usage(): Usage {
    const pid = this.#child.pid ?? 0;
    return { cpuMs: cpuTimeMs(pid) ?? NaN, peakMb: memoryOf(pid).peakMb };
  }

  /** Lets the program leave its group and close its state. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs);
    await this.#ended;
    clearTimeout(late);
  }

  #awaited(name: string): PromiseWithResolvers<ProgramEvent> {
    const known = this.#events.get(name) ?? Promise.withResolvers<ProgramEvent>();
    this.#events.set(name, known);
    return known;
  }

  #take(line: string): void {
    if (!line.startsWith('{"event"')) {
      this.#output += `${line}\n`;
      return;
    }
    const event = JSON.parse(line) as ProgramEvent;
    this.#awaited(event.event).resolve(event);
  }
}
