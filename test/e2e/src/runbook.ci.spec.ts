import { describe } from '@jest/globals';
import { followMessages } from './runbook/messages.fixture.ts';
import { followProcesses } from './runbook/processes.fixture.ts';
import { runbookStack } from './runbook/runbook-stack.fixture.ts';

describe('Z17 the entries of the runbook about messages and processes', () => {
  const runbook = runbookStack();
  followMessages(runbook);
  followProcesses(runbook);
});
