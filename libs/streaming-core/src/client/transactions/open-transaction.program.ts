import { silentLogger } from '../../runtime/index.ts';
import { readConnectionSecurity } from '../connection/security-settings.ts';
import { connectTransactionalProducer } from './transactional-producer.ts';

/**
 * Sends one record in a transaction and waits to be killed. The arguments are the broker, the
 * transactional id and the topic.
 */
const [bootstrapServer = '', transactionalId = '', topic = ''] = process.argv.slice(2);

process.stdin.resume().once('end', () => process.exit());
const engine = { bootstrapServers: [bootstrapServer], security: readConnectionSecurity(process.env) };
const producer = connectTransactionalProducer({
  ...engine,
  clientId: 'killed',
  transactionalId,
  logger: silentLogger,
});
const transaction = await producer.begin();
await transaction.send([{ topic, key: null, value: 'left by a killed producer', partition: 0 }]);
process.stdout.write('sent\n');
