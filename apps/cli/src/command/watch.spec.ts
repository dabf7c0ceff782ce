import { describe, expect, it } from '@jest/globals';
import { OperationFailed } from '@millrace/operations/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import { runMillrace } from '../run-millrace.ts';
import type { CommandDefinition, ExitCode, Session } from './command.ts';

interface Screen {
  readonly columns?: number;
  /** Ctrl-C comes with this answer. */
  readonly answers: number;
}

/** Watches a command that says how often it was run; its second run fails. */
async function watched(args: readonly string[], { columns, answers }: Screen) {
  const stop = new AbortController();
  const screens: string[] = [];
  const out: string[] = [];
  const err: string[] = [];
  let runs = 0;
  const seen = () => void ((screens.length === answers || out.length === answers) && stop.abort());
  const command: CommandDefinition = {
    name: 'count',
    summary: 'counts',
    watchable: true,
    examples: ['count'],
    run({ session: { terminal }, incomplete }) {
      runs += 1;
      if (runs === 2) throw new OperationFailed('the broker is away');
      terminal.out(`answer ${runs}, ${terminal.columns ?? 'any'} wide`);
      incomplete('payment did not answer');
      return Promise.resolve();
    },
  };
  const session: Session = {
    terminal: {
      out: (line) => void (out.push(line), seen()),
      err: (line) => void err.push(line),
      draw: () => undefined,
      columns,
      ...(columns !== undefined && { repaint: (lines) => void (screens.push(lines.join('\n')), seen()) }),
      interactive: false,
      ask: () => Promise.resolve(undefined),
      async *lines() {},
    },
    environment: {},
    workspace: '/',
    clock: { ...systemClock, after: (_span, work) => systemClock.after(0, work) },
    signal: stop.signal,
  };
  const exitCode: ExitCode = await runMillrace([command], ['count', ...args], session);
  return { exitCode, screens, out, err: err.join('\n'), runs };
}

describe('--watch', () => {
  it('repaints the terminal until Ctrl-C, also while the system is away', async () => {
    const { exitCode, screens, out, err } = await watched(['--watch'], { columns: 70, answers: 3 });
    expect({ exitCode, out, err }).toEqual({ exitCode: 0, out: [], err: '' });
    expect(screens.map((screen) => screen.split('\n').slice(2))).toEqual([
      ['answer 1, 70 wide', 'millrace: payment did not answer'],
      ['millrace: the broker is away'],
      ['answer 3, 70 wide', 'millrace: payment did not answer'],
    ]);
    expect(screens[0]).toMatch(/^\d{4}-\S+Z, every 2 s, until Ctrl-C\n\n/);
  });

  it('does not repaint a file or a pipe, and appends there if it is told to', async () => {
    expect(await watched(['--watch'], { answers: 1 })).toMatchObject({
      exitCode: 2,
      runs: 0,
      err: expect.stringContaining('standard output is none: add --append'),
    });
    expect(await watched(['--watch', '5', '--append'], { answers: 2 })).toMatchObject({
      exitCode: 0,
      out: ['answer 1, any wide', 'millrace: payment did not answer'],
    });
  });

  it('appends on a terminal too', async () => {
    const { screens, out } = await watched(['--watch', '--append'], { columns: 70, answers: 3 });
    expect({ screens, out }).toMatchObject({ screens: [], out: { length: 3 } });
  });

  it.each(['0', '3601', 'x'])('refuses every %s seconds', async (seconds) => {
    expect(await watched(['--watch', seconds], { columns: 70, answers: 1 })).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('give a whole number from 1 to 3600'),
    });
  });

  it('is what --append belongs to', async () => {
    expect(await watched(['--append'], { answers: 1 })).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--append belongs to --watch'),
    });
  });
});
