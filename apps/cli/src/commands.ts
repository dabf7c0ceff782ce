import type { CommandEntry } from './command/command.ts';
import { lag } from './groups/lag.ts';
import { offsets } from './groups/offsets.ts';
import { messages } from './messages/messages.ts';
import { partitions } from './partitions/partitions.ts';
import { sql } from './sql/sql.ts';
import { topics } from './topics/topics.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [topics, messages, lag, offsets, partitions, sql];
