import { createInterface } from 'node:readline/promises';
import type { Terminal } from '../command/command.ts';

const historyMax = 1_000;

export function processTerminal({ stdin, stdout, stderr }: typeof process = process): Terminal {
  // A reader such as head, which has seen enough, closes the pipe.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const open = () => createInterface({ input: stdin, output: stderr, historySize: historyMax });
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined;
    },
    ...(stdout.isTTY && { repaint: (lines) => void stdout.write(painted(lines, stdout.rows)) }),
    interactive: stdin.isTTY && stderr.isTTY,
    draw: (line) => void (stderr.isTTY && stderr.write(`\r\x1b[2K${line}`)),
    async ask(question) {
      const lines = open();
      try {
        return await Promise.race([
          lines.question(question),
          new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined))),
        ]);
      } finally {
        lines.close();
      }
    },
    async *lines(prompt) {
      const lines = open();
      let isOpen = true;
      lines.once('close', () => (isOpen = false));
      const showPrompt = () => {
        if (!isOpen || !stdin.isTTY) return;
        lines.setPrompt(prompt());
        lines.prompt();
      };
      try {
        showPrompt();
        for await (const line of lines) {
          yield line;
          showPrompt();
        }
      } finally {
        lines.close();
      }
    },
  };
}

const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** Paints over what is there, line by line, which flickers less than an empty screen in between. */
function painted(blocks: readonly string[], rows: number): string {
  const lines = blocks.flatMap((block) => block.split('\n'));
  const room = Math.max(1, rows - 1);
  const hidden = lines.length - room;
  const shown =
    hidden <= 0 ? lines : [...lines.slice(0, room - 1), `… ${hidden + 1} more lines: make the window higher`];
  return `${home}${shown.map((line) => `${line}${clearLine}\n`).join('')}${clearBelow}`;
}
