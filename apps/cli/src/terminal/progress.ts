import type { Terminal } from '../command/terminal.ts';

const width = 30;

/** A bar on the last line of a terminal. It draws nothing where standard error is a file or a pipe. */
export interface Progress {
  /** Draws how much of `total` is done. Both have the same unit. */
  show(done: number, total: number): void;
  /** Removes the bar. */
  end(): void;
}

export function progressOn(terminal: Pick<Terminal, 'draw'>, doing: string): Progress {
  let drawn = '';
  return {
    show(done, total) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * width);
      const line = `${doing} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${Math.floor(share * 100)} %`;
      if (line !== drawn) terminal.draw(line);
      drawn = line;
    },
    end() {
      if (drawn !== '') terminal.draw('');
    },
  };
}
