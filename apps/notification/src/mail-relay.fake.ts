import { SMTPServer } from 'smtp-server';

interface ReceivedMail {
  readonly messageId: string;
  readonly to: readonly string[];
  /** Headers and body, with the soft line breaks of quoted-printable taken out. */
  readonly text: string;
}

/** An SMTP relay for one test. It keeps its port when it is stopped and started again. */
export interface MailRelay {
  readonly port: number;
  /** Every delivery, including repetitions. */
  readonly received: readonly ReceivedMail[];
  /**
   * From now on, refuses recipients with this code, and repeats the address in the answer as real
   * relays do. `undefined` makes it accept them again.
   */
  refuseWith(code: number | undefined): void;
  /** Receives mails, but acknowledges them only once the returned function is called. */
  delay(): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMailRelay(): Promise<MailRelay> {
  const received: ReceivedMail[] = [];
  let refusal: number | undefined;
  let accepted = Promise.resolve();
  let port = 0;
  const create = () =>
    new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onRcptTo({ address }, _session, done) {
        if (refusal === undefined) done();
        else done(Object.assign(new Error(`no, not to ${address}`), { responseCode: refusal }));
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          received.push(
            readMail(
              Buffer.concat(chunks).toString('utf8'),
              session.envelope.rcptTo.map(({ address }) => address),
            ),
          );
          void accepted.then(() => done());
        });
      },
    });
  let server: SMTPServer | undefined;
  const relay: MailRelay = {
    get port() {
      return port;
    },
    received,
    refuseWith: (code) => void (refusal = code),
    delay() {
      let accept = () => {};
      accepted = new Promise((resolve) => (accept = resolve));
      return accept;
    },
    async start() {
      const started = create();
      started.on('error', () => undefined); // a killed client breaks its connection
      await new Promise<void>((resolve) => void started.listen(port, '127.0.0.1', resolve));
      const address = started.server.address();
      if (typeof address === 'object' && address !== null) port = address.port;
      server = started;
    },
    stop: () => new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
  };
  await relay.start();
  return relay;
}

const readMail = (source: string, to: readonly string[]): ReceivedMail => ({
  messageId: /^message-id:\s*(\S+)/im.exec(source)?.[1] ?? '',
  to,
  text: source.replaceAll('=\r\n', ''),
});
