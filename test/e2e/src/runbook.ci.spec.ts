import { describe } from '@jest/globals';
import { followConnectors } from './runbook/connectors.fixture.ts';
import { followMessages } from './runbook/messages.fixture.ts';
import { followProcesses } from './runbook/processes.fixture.ts';
import { followRegistry } from './runbook/registry.fixture.ts';
import { followStreams } from './runbook/streams.fixture.ts';
import { runbookStack } from './runbook/runbook-stack.fixture.ts';

describe('Z17 the entries of the runbook about messages, processes and optional apps', () => {
  const runbook = runbookStack({ apps: ['analytics', 'connect', 'registry'] });
  followMessages(runbook);
  followProcesses(runbook);
  followStreams(runbook);
  followConnectors(runbook);
  followRegistry(runbook);
});
