import type { Terminal } from '../command/command.ts';

/**
 * Characters that a terminal obeys instead of showing them, apart from line feed and tab: control
 * characters, and those that turn the direction of the text.
 */
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Writes such characters as `\u001b`, so that a message or a reason from outside can neither move the
 * cursor nor forge what a person reads. JSON means the same afterwards.
 */
export const visible = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Shows everything that commands write as `visible` does. */
export const visibleTerminal = (terminal: Terminal): Terminal => ({
  ...terminal,
  out: (line) => terminal.out(visible(line)),
  err: (line) => terminal.err(visible(line)),
  draw: (line) => terminal.draw(visible(line)),
  ask: (question) => terminal.ask(visible(question)),
  get columns() {
    return terminal.columns;
  },
  ...(terminal.repaint && { repaint: (lines) => terminal.repaint?.(lines.map(visible)) }),
});
