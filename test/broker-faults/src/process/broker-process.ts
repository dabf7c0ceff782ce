/**
 * A broker in a separate process, which tests may kill. Its only argument holds the options as
 * JSON. It sends its parent its port, each error that it logs, and why it cuts a peer off.
 */
import { startBroker, type BrokerOptions } from '@millrace/streaming-core/broker';

const options = JSON.parse(process.argv[2] ?? '{}') as BrokerOptions;
const ignore = () => undefined;
const say = (message: string, err: unknown, said = ignore) =>
  void process.send?.(
    { error: `${message}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}` },
    said,
  );
const error = (fields: object, message: string) => say(message, (fields as { readonly err?: unknown }).err);
const warn = (fields: object) => {
  const { reason } = fields as { readonly reason?: string };
  if (reason !== undefined) process.send?.({ cut: reason });
};
process.on('disconnect', () => process.exit(0));
try {
  const broker = await startBroker({ ...options, logger: { debug: ignore, info: ignore, warn, error } });
  process.send?.({ port: broker.port });
} catch (failure) {
  say('not started', failure, () => process.exit(1));
}
