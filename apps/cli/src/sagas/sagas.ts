import type { CommandGroup } from '../command/command.ts';
import { sagaActions } from './act-on-saga.ts';
import { listSagas, showSaga } from './look-at-sagas.ts';

export const sagas: CommandGroup = {
  name: 'sagas',
  summary: 'lists sagas, and retries, skips, undoes, pauses and resumes them',
  commands: [listSagas, showSaga, ...sagaActions],
};
