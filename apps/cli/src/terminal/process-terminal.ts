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
