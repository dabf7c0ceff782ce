import { describe } from '@jest/globals';
import { followConnectors } from './runbook/connectors.fixture.ts';
import { followMessages } from './runbook/messages.fixture.ts';
import { followProcesses } from './runbook/processes.fixture.ts';
import { followStreams } from './runbook/streams.fixture.ts';
import { runbookStack } from './runbook/runbook-stack.fixture.ts';

describe('Z17 the entries of the runbook about messages, processes, stream applications and connectors', () => {
  const runbook = runbookStack('analytics', 'connect');
  followMessages(runbook);
  followProcesses(runbook);
  followStreams(runbook);
  followConnectors(runbook);
});
