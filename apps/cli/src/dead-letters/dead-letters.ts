import type { CommandGroup } from '../command/command.ts';
import { letterDecisions } from './decide-letters.ts';
import { letterReasons, listLetters, showLetter } from './look-at-letters.ts';

export const deadLetters: CommandGroup = {
  name: 'dlq',
  summary: 'lists dead letters, and redrives, edits and discards them',
  commands: [listLetters, letterReasons, showLetter, ...letterDecisions],
};
