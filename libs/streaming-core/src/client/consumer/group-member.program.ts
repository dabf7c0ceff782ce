import { TestMember } from '../client.fixture.ts';
import { readConnectionSecurity } from '../connection/security-settings.ts';

/** A group member in a process of its own, to be killed: prints its partitions as a JSON line at every assignment. */
const [bootstrapServer = '', groupId = '', topic = '', groupInstanceId = ''] = process.argv.slice(2);

// A test that is killed takes its child along: its end of the pipe closes.
process.stdin.resume().once('end', () => process.exit());
const engine = { bootstrapServers: [bootstrapServer], security: readConnectionSecurity(process.env) };
const member = new TestMember(engine, groupId, [topic], { groupInstanceId: groupInstanceId || undefined });
member.onAssigned = async () => {
  process.nextTick(() => process.stdout.write(`${JSON.stringify(member.owned)}\n`));
};
await member.start();
