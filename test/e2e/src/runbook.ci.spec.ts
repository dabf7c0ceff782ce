import { describe } from '@jest/globals';
import { followMessages } from './runbook/messages.fixture.ts';
import { followProcesses } from './runbook/processes.fixture.ts';
import { followStreams } from './runbook/streams.fixture.ts';
import { runbookStack } from './runbook/runbook-stack.fixture.ts';

describe('Z17 the entries of the runbook about messages, processes and stream applications', () => {
  const runbook = runbookStack('analytics');
  followMessages(runbook);
  followProcesses(runbook);
  followStreams(runbook);
});
