import { describe } from '@jest/globals';
import { followMessages } from './runbook/messages.fixture.ts';
import { followProcesses } from './runbook/processes.fixture.ts';
import { runbookStack } from './runbook/runbook-stack.fixture.ts';
import { followSagas } from './runbook/sagas.fixture.ts';

describe('Z17 the runbook', () => {
  const runbook = runbookStack();
  followSagas(runbook);
  followMessages(runbook);
  followProcesses(runbook);
});
