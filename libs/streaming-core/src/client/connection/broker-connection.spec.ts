import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetch } from '../../protocol/apis/fetch.ts';
import { heartbeat } from '../../protocol/apis/groups.ts';
import { encodeResponse } from '../../protocol/frames/frame.ts';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { BrokerConnection } from './broker-connection.ts';
import { AccessRefused, ConnectionLost, RequestTimedOut } from '../errors/connection-errors.ts';
import { openSocket } from './open-socket.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedListener,
  type ScriptedRequest,
} from './scripted-listener.fake.ts';

const version = 4;
const body = { groupId: 'g', generationId: 1, memberId: 'm' };

/** A broker that passes each request's correlation id to the test, which answers as it likes. */
class Listener {
  readonly requests: number[] = [];
  readonly warnings: object[] = [];
  #listener: ScriptedListener | undefined;
  #socket: Socket | undefined;

  async connect(clock = new ManualClock()): Promise<BrokerConnection> {
    const note = (_body: unknown, { correlationId, socket }: ScriptedRequest) => {
      this.requests.push(correlationId);
      this.#socket = socket;
      return undefined;
    };
    this.#listener = await startScriptedListener([scripted(heartbeat, note), scripted(fetch, note)]);
    const { address } = this.#listener;
    const settings = { clock, connectTimeoutMs: 1_000, security: {} };
    return new BrokerConnection(await openSocket(address, settings), address, {
      clock,
      clientId: 'test',
      logger: { ...silentLogger, warn: (fields) => this.warnings.push(fields) },
      requestTimeoutMs: 30_000,
      responseBytesMax: 2_000_000,
    });
  }

  answer(correlationId: number, more: { errorCode?: number; throttleTimeMs?: number } = {}): void {
    this.write(
      Buffer.concat([...encodeResponse(heartbeat, version, correlationId, { errorCode: 0, ...more })]),
    );
  }

  write(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  close(): void {
    this.#listener?.close();
  }

  async received(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a connection to a broker', () => {
  let listener: Listener;
  let connection: BrokerConnection;
  const start = async (clock?: ManualClock) => {
    listener = new Listener();
    connection = await listener.connect(clock);
  };
  const send = (timeoutMs?: number) => connection.request(heartbeat, version, body, timeoutMs);
  /** Attaches a handler at once, so that a rejection is never unhandled. */
  const failureOf = (request: Promise<unknown>) =>
    request.then(
      () => undefined,
      (error: Error) => error,
    );
  /** Sends two requests to a broker that hangs until the first one is late. Returns their errors. */
  const bothFailed = async () => {
    const clock = new ManualClock();
    await start(clock);
    const failures = [failureOf(send(2_000)), failureOf(send(9_000))];
    await listener.received(2);
    await clock.advance(2_000);
    return Promise.all(failures);
  };
  afterEach(() => {
    connection.close();
    listener.close();
  });

  it('pipelines requests and gives each its own response', async () => {
    await start();
    const requests = [send(), send(), send()];
    await listener.received(3);

    for (const [index, correlationId] of listener.requests.entries())
      listener.answer(correlationId, { errorCode: index });

    expect((await Promise.all(requests)).map(({ errorCode }) => errorCode)).toEqual([0, 1, 2]);
  });

  it('tells that the bytes of a request have left the process, but not of one that failed', async () => {
    await start();
    const told: unknown[] = [];
    const note = (error?: Error | null) => told.push(error ?? 'left');
    const request = connection.request(heartbeat, version, body, undefined, note);
    await listener.received(1);
    listener.answer(listener.requests[0]!);
    await request;
    connection.close();
    await failureOf(connection.request(heartbeat, version, body, undefined, note));

    expect(told).toEqual(['left']);
  });

  it('reads responses that arrive byte by byte', async () => {
    await start();
    const request = send();
    await listener.received(1);
    const bytes = Buffer.concat([
      ...encodeResponse(heartbeat, version, listener.requests[0]!, { errorCode: 27 }),
    ]);

    for (const byte of bytes) {
      listener.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect((await request).errorCode).toBe(27);
  });

  it('reads a large response into memory of its size, and the next one behind it', async () => {
    await start();
    const position = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 2_000_000 };
    const topics = [{ topic: 't', partitions: [position] }];
    const large = connection.request(fetch, 4, { maxWaitMs: 0, minBytes: 1, topics });
    const small = send();
    await listener.received(2);
    const records = Buffer.alloc(1_000_001, 'r');
    const partitions = [{ partitionIndex: 0, errorCode: 0, highWatermark: 1n, records }];
    const [first = 0, second = 0] = listener.requests;

    for (const chunk of encodeResponse(fetch, 4, first, { responses: [{ topic: 't', partitions }] }))
      listener.write(chunk);
    listener.answer(second, { errorCode: 27 });

    const read = (await large).responses[0]!.partitions[0]!.records!;
    expect(read.equals(records)).toBe(true);
    expect(read.buffer.byteLength - records.length).toBeLessThan(100);
    expect((await small).errorCode).toBe(27);
  });

  it('ends, and fails all pending requests, if the broker hangs', async () => {
    for (const failure of await bothFailed()) {
      expect(failure).toBeInstanceOf(RequestTimedOut);
      expect(failure?.message).toContain('brought no answer to Heartbeat within 2000 ms');
    }
    expect(await connection.ended).toBeInstanceOf(RequestTimedOut);
    await expect(send()).rejects.toBeInstanceOf(RequestTimedOut);
  });

  it('logs a warning if the broker hangs, because a repeated request would hide it', async () => {
    await bothFailed();

    expect(listener.warnings).toEqual([
      expect.objectContaining({
        clientId: 'test',
        requests: 2,
        reason: expect.stringContaining('no answer to Heartbeat within 2000 ms'),
      }),
    ]);
  });

  it('notices with one timer which of many requests is late', async () => {
    const clock = new ManualClock();
    await start(clock);
    const answered = [send(2_000), send(5_000)];
    await listener.received(2);
    for (const id of listener.requests) listener.answer(id);
    await Promise.all(answered);
    await clock.advance(1_500);
    const late = failureOf(send(9_000));
    const later = failureOf(send(20_000));
    expect(clock.timers).toBe(1);

    await clock.advance(8_999);
    expect(clock.timers).toBe(1);
    await clock.advance(1);

    expect((await late)?.message).toContain('within 9000 ms');
    expect(await later).toBeInstanceOf(RequestTimedOut);
    expect(clock.timers).toBe(0);
  });

  it('does not take a late response for the one to a later request', async () => {
    const clock = new ManualClock();
    await start(clock);
    const late = failureOf(send(100));
    await listener.received(1);
    await clock.advance(100);
    await late;

    listener.answer(listener.requests[0]!);

    await expect(send()).rejects.toBeInstanceOf(ConnectionLost);
  });

  it.each<readonly [string, (one: Listener) => void]>([
    ['the broker resets it', (one) => one.reset()],
    ['the broker closes it', (one) => one.close()],
    ['a response is out of order', (one) => one.answer(one.requests[1]!)],
    ['a response arrives that nobody waits for', (one) => one.answer(77)],
    ['a response is shorter than its fields', (one) => one.write(Buffer.from('0000000500000001ff', 'hex'))],
    ['a response is larger than the limit', (one) => one.write(Buffer.from('7fffffff', 'hex'))],
    ['the peer speaks another protocol', (one) => one.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))],
  ])('fails every pending request if %s', async (_what, misbehave) => {
    await start();
    const failures = [failureOf(send()), failureOf(send())];
    await listener.received(2);

    misbehave(listener);

    for (const failure of await Promise.all(failures)) expect(failure).toBeInstanceOf(ConnectionLost);
    await connection.ended;
  });

  it('says that the broker requires TLS if a TLS port answers with an alert', async () => {
    await start();
    const failure = failureOf(send());
    await listener.received(1);

    listener.write(Buffer.from('15030300020246', 'hex'));

    expect(await failure).toBeInstanceOf(AccessRefused);
    expect((await failure)?.message).toContain('KAFKA_SECURITY_PROTOCOL');
  });

  it('holds requests back, in order, for as long as the broker asks for', async () => {
    const clock = new ManualClock();
    await start(clock);
    const first = send();
    await listener.received(1);
    listener.answer(listener.requests[0]!, { throttleTimeMs: 500 });
    await first;

    const held = [send(), send()];
    await clock.advance(499);
    await new Promise((resolve) => setImmediate(resolve));
    expect(listener.requests).toHaveLength(1);
    await clock.advance(1);
    await listener.received(3);
    for (const correlationId of listener.requests.slice(1)) listener.answer(correlationId);

    expect(await Promise.all(held)).toHaveLength(2);
    expect(listener.requests).toEqual([1, 2, 3]);
  });

  it('ends after the last pending response when it is retired', async () => {
    await start();
    const request = send();
    await listener.received(1);

    connection.retire();
    listener.answer(listener.requests[0]!);

    await expect(request).resolves.toMatchObject({ errorCode: 0 });
    expect((await connection.ended).message).toContain('was closed by the client');
  });

  it('rejects a request that cannot be encoded, and stays usable', async () => {
    await start();
    await expect(
      connection.request(heartbeat, version, { ...body, groupId: 'x'.repeat(40_000) }),
    ).rejects.toThrow('too long');
    const request = send();
    await listener.received(1);
    listener.answer(listener.requests[0]!);
    await expect(request).resolves.toMatchObject({ errorCode: 0 });
  });
});
