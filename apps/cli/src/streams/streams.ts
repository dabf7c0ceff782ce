import type { CommandGroup } from '../command/command.ts';
import { showStream } from './show-stream.ts';
import { stateChanges, streamState } from './stream-states.ts';
import { streamTree } from './stream-tree.ts';

export const streams: CommandGroup = {
  name: 'streams',
  summary: 'shows the events of a stream, its state at any time, and what caused what',
  commands: [showStream, streamState, stateChanges, streamTree],
};
