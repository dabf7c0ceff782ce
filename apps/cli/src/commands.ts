import type { CommandEntry } from './command/command.ts';
import { acts } from './acts/acts.ts';
import { applications } from './applications/applications.ts';
import { connectors } from './connectors/connectors.ts';
import { completionOf } from './completion/completion.ts';
import { deadLetters } from './dead-letters/dead-letters.ts';
import { doctor } from './doctor/doctor.ts';
import { erase } from './shop/erasure/erase.ts';
import { lag } from './groups/lag.ts';
import { offsets } from './groups/offsets.ts';
import { outbox } from './messaging/outbox.ts';
import { parked } from './messaging/parked-keys.ts';
import { projections } from './messaging/projections.ts';
import { logs } from './logs/logs.ts';
import { messages } from './messages/messages.ts';
import { partitions } from './partitions/partitions.ts';
import { sagas } from './sagas/sagas.ts';
import { sql } from './sql/sql.ts';
import { status } from './status/status.ts';
import { kill, pause, resume, start, stop } from './supervisor/process-acts.ts';
import { schemas } from './schemas/schemas.ts';
import { streams } from './streams/streams.ts';
import { topics } from './topics/topics.ts';
import { verify } from './shop/verify.ts';

const ownCommands: readonly CommandEntry[] = [
  status,
  doctor,
  logs,
  stop,
  start,
  kill,
  pause,
  resume,
  verify,
  sagas,
  deadLetters,
  parked,
  outbox,
  projections,
  acts,
  streams,
  applications,
  connectors,
  schemas,
  topics,
  messages,
  lag,
  offsets,
  partitions,
  erase,
  sql,
];

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [...ownCommands, completionOf(ownCommands)];
