import { join } from 'node:path';
import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { commands } from './commands.ts';
import type { Session } from './command/command.ts';
import { runMillrace } from './run-millrace.ts';

export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Each content that the last line of the terminal had. */
  readonly drawn: readonly string[];
  /** Each content that the whole screen had. */
  readonly screens: readonly string[];
}

export interface Situation {
  readonly environment?: Session['environment'];
  /** The answers of a person, in order. If they are absent, the command cannot ask anybody. */
  readonly answers?: readonly string[];
  readonly signal?: AbortSignal;
  readonly workspace?: string;
  readonly clock?: Clock;
  /** The width of the screen. Without it, standard output is a pipe. */
  readonly columns?: number;
  /** Called with each content of the screen. */
  readonly onScreen?: (screen: string) => void;
  /** Called with each line of results. */
  readonly onOut?: (line: string) => void;
}

/** Runs one command line in this process, on the broker of the project's tests. */
export async function millrace(args: readonly string[], situation: Situation = {}): Promise<Answer> {
  const out: string[] = [];
  const err: string[] = [];
  const drawn: string[] = [];
  const screens: string[] = [];
  const answers = [...(situation.answers ?? [])];
  const exitCode = await runMillrace(commands, args, {
    terminal: {
      out(line) {
        out.push(line);
        situation.onOut?.(line);
      },
      err: (line) => void err.push(line),
      columns: situation.columns,
      ...(situation.columns !== undefined && {
        repaint(lines: readonly string[]) {
          screens.push(lines.join('\n'));
          situation.onScreen?.(lines.join('\n'));
        },
      }),
      interactive: situation.answers !== undefined,
      draw: (line) => void drawn.push(line),
      ask(question) {
        err.push(question);
        return Promise.resolve(answers.shift());
      },
      async *lines() {
        yield* answers.splice(0);
      },
    },
    environment: situation.environment ?? { KAFKA_BOOTSTRAP_SERVERS: process.env.MILLRACE_TEST_BROKER },
    workspace: situation.workspace ?? join(import.meta.dirname, '../../..'),
    clock: situation.clock ?? systemClock,
    signal: situation.signal ?? new AbortController().signal,
  });
  return { exitCode, out: out.join('\n'), err: err.join('\n'), drawn, screens };
}

/** Runs a command that must succeed, and parses what it prints. */
export async function millraceJson<Result>(args: readonly string[], situation?: Situation): Promise<Result> {
  const { exitCode, out, err } = await millrace([...args, '--json'], situation);
  if (exitCode !== 0) throw new Error(`millrace ${args.join(' ')} exited with ${exitCode}: ${err}`);
  return JSON.parse(out) as Result;
}
