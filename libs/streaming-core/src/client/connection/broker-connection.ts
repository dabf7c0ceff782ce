import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Api, InOf, OutOf } from '../../protocol/schema.ts';
import type { Fields } from '../../protocol/codec.ts';
import { FrameSplitter, type FrameMemory } from '../../protocol/frames/frame-splitter.ts';
import { decodeResponse, encodeRequest } from '../../protocol/frames/frame.ts';
import { pause, type Clock, type DurationMs, type Logger } from '../../runtime/index.ts';
import { addressName, type BrokerAddress } from './broker-address.ts';
import type { BrokerVersions } from './broker-versions.ts';
import { AccessRefused, ConnectionLost, RequestTimedOut } from '../errors/connection-errors.ts';
import { LateRequests } from './late-requests.ts';
import type { BrokerSocket } from './open-socket.ts';

export interface WireSettings {
  readonly clock: Clock;
  readonly clientId: string;
  readonly logger: Logger;
  readonly requestTimeoutMs: DurationMs;
  /** The largest response that the client accepts. */
  readonly responseBytesMax: number;
}

/** The report on `millrace.client.request` about a request that is about to be written. */
export interface RequestReport {
  readonly clientId: string;
  readonly address: BrokerAddress;
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
}

const requests = channel('millrace.client.request');

const readBytes = 16_384;
/** Smaller responses are allocated from the pool of Node.js. */
const slowBytesMin = 4_096;
/** A response up to this size gets all of its memory at once, because brokers are trusted. */
const trustedBytes = 16 * 1024 * 1024;

interface PendingResponse {
  readonly correlationId: number;
  /** The time of the monotonic clock at which the response becomes late. */
  readonly lateAt: number;
  /** Returns the error for a late response. */
  late(): Error;
  take(frame: Buffer): void;
  fail(error: Error): void;
}

/**
 * A connection to one broker, on which requests are pipelined. The broker answers them in order
 * (https://kafka.apache.org/protocol), so a request waits for the responses to those before it.
 *
 * If a response is late, out of order or unreadable, all later ones would be as well. The
 * connection then ends, and every request that waits fails with `ConnectionLost`.
 */
export class BrokerConnection {
  readonly address: BrokerAddress;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<Error>;
  readonly #socket: Socket;
  readonly #settings: WireSettings;
  readonly #frames: FrameSplitter;
  /** Receives small responses, and the beginnings of large ones. */
  readonly #readBuffer = Buffer.allocUnsafeSlow(readBytes);
  readonly #pending: PendingResponse[] = [];
  readonly #late: LateRequests;
  readonly #onSilence: () => void;
  #versions: BrokerVersions | undefined;
  #correlationId = 0;
  #throttled: Promise<void> | undefined;
  #failure: Error | undefined;
  #retired = false;
  #resolveEnded: (reason: Error) => void = () => undefined;

  /** Calls `onSilence` when a response is late, before the requests that wait fail. */
  constructor(
    { socket, readInto }: BrokerSocket,
    address: BrokerAddress,
    settings: WireSettings,
    onSilence: () => void = () => undefined,
  ) {
    this.address = address;
    this.#onSilence = onSilence;
    this.#socket = socket;
    this.#settings = settings;
    this.#frames = new FrameSplitter({
      frameBytesMax: settings.responseBytesMax,
      buffers: unpooled,
      startBytesMax: trustedBytes,
    });
    this.#late = new LateRequests(settings.clock, (now) => this.#endIfLate(now));
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    socket.setNoDelay(true);
    readInto({
      space: () => this.#frames.space() ?? this.#readBuffer,
      receive: (chunk) => this.#read(chunk),
    });
    socket.on('error', (cause) => this.#end(this.#lost(cause)));
    socket.on('close', () => this.#end(new ConnectionLost(address, 'was closed by the broker')));
  }

  /** The API versions of the broker, which are known before anyone else gets the connection. */
  get versions(): BrokerVersions {
    if (this.#versions === undefined) throw new Error('the versions of the broker are not known yet');
    return this.#versions;
  }

  set versions(versions: BrokerVersions) {
    this.#versions = versions;
  }

  /** False once the connection has ended or accepts no more requests. */
  get isOpen(): boolean {
    return this.#failure === undefined && !this.#retired;
  }

  /**
   * Sends a request and resolves to its response, whose error codes the caller has to check. The
   * request is written at once, in the order of the calls, unless the broker has asked the client
   * to wait (KIP-219). `onLeft` is called once its bytes have left the process, or with an error.
   */
  request<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    body: InOf<Request>,
    timeoutMs: DurationMs = this.#settings.requestTimeoutMs,
    onLeft?: (error?: Error | null) => void,
  ): Promise<OutOf<Response>> {
    const send = () => this.#send(api, version, body, timeoutMs, onLeft);
    return this.#throttled === undefined ? send() : this.#throttled.then(send);
  }

  /** Sends a request without an answer, and resolves once its bytes have left the process. */
  requestWithoutAnswer<Request extends Fields>(
    api: Api<Request>,
    version: number,
    body: InOf<Request>,
  ): Promise<void> {
    const send = () =>
      new Promise<void>((resolve, reject) => {
        if (this.#failure !== undefined) return reject(this.#failure);
        const { clientId } = this.#settings;
        this.#report(api, version);
        const chunks = encodeRequest(
          api,
          version,
          { correlationId: this.#nextCorrelationId(), clientId },
          body,
        );
        this.#write(chunks, (error) => (error ? reject(this.#lost(error)) : resolve()));
      });
    return this.#throttled === undefined ? send() : this.#throttled.then(send);
  }

  /** Ends the connection once no response is pending. */
  retire(): void {
    this.#retired = true;
    if (this.#pending.length === 0) this.close();
  }

  /** Ends the connection. Pending requests fail. */
  close(): void {
    this.#end(new ConnectionLost(this.address, 'was closed by the client'));
  }

  #send<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    body: InOf<Request>,
    timeoutMs: DurationMs,
    onLeft: ((error?: Error | null) => void) | undefined,
  ): Promise<OutOf<Response>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const correlationId = this.#nextCorrelationId();
      const { clientId, clock } = this.#settings;
      this.#report(api, version);
      this.#write(encodeRequest(api, version, { correlationId, clientId }, body), onLeft);
      const lateAt = clock.monotonic() + timeoutMs;
      this.#late.watch(lateAt);
      this.#pending.push({
        correlationId,
        lateAt,
        late: () => this.#lateAnswer(api, timeoutMs),
        take: (frame) => {
          const response = decodeResponse(api, version, frame).body;
          resolve(response);
          this.#obeyThrottle((response as { readonly throttleTimeMs?: number }).throttleTimeMs ?? 0);
        },
        fail: reject,
      });
    });
  }

  #report({ key: apiKey, name: apiName }: Pick<Api, 'key' | 'name'>, apiVersion: number): void {
    if (!requests.hasSubscribers) return;
    const { address } = this;
    const { clientId } = this.#settings;
    requests.publish({ clientId, address, apiKey, apiName, apiVersion } satisfies RequestReport);
  }

  #write(chunks: readonly Buffer[], onWritten?: (error?: Error | null) => void): void {
    const last = chunks.length - 1;
    if (last > 0) this.#socket.cork();
    chunks.forEach((chunk, index) => this.#socket.write(chunk, index === last ? onWritten : undefined));
    if (last > 0) this.#socket.uncork();
  }

  #lost(cause: Error): ConnectionLost {
    return new ConnectionLost(this.address, `failed: ${cause.message}`, { cause });
  }

  #read(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    if (isTlsAlert(chunk) && this.#correlationId === 1) return this.#end(requiresTls());
    try {
      this.#frames.push(chunk, (frame) => this.#take(frame));
    } catch (cause) {
      this.#end(new ConnectionLost(this.address, 'brought bytes that are not a Kafka response', { cause }));
    }
    if (this.#retired && this.#pending.length === 0) this.close();
  }

  #take(frame: Buffer): void {
    const next = this.#pending[0];
    const correlationId = frame.length < 4 ? undefined : frame.readInt32BE(0);
    if (next === undefined || correlationId !== next.correlationId)
      throw new Error(
        `the response has the correlation id ${correlationId}, and ${next?.correlationId ?? 'none'} is expected`,
      );
    next.take(frame);
    this.#pending.shift();
  }

  #obeyThrottle(throttleTimeMs: DurationMs): void {
    if (throttleTimeMs <= 0) return;
    const throttled = pause(this.#settings.clock, throttleTimeMs).then(() => {
      if (this.#throttled === throttled) this.#throttled = undefined;
    });
    this.#throttled = throttled;
  }

  /** Ends the connection if a response is late. Returns when the next response will be late. */
  #endIfLate(now: number): number {
    const late = this.#pending.find(({ lateAt }) => lateAt <= now);
    if (late) this.#endAsLate(late.late());
    return Math.min(...this.#pending.map(({ lateAt }) => lateAt));
  }

  /** Logs what callers do not see if they repeat their requests. */
  #endAsLate(reason: Error): void {
    const { logger, clientId } = this.#settings;
    const requests = this.#pending.length;
    logger.warn(
      { clientId, broker: addressName(this.address), requests, reason: reason.message },
      'a broker did not answer in time, so the client closes the connection and repeats the requests ' +
        'that it may repeat',
    );
    this.#onSilence();
    this.#end(reason);
  }

  #lateAnswer({ name }: { readonly name: string }, timeoutMs: DurationMs): RequestTimedOut {
    return new RequestTimedOut(this.address, `brought no answer to ${name} within ${timeoutMs} ms`);
  }

  #nextCorrelationId(): number {
    this.#correlationId = (this.#correlationId + 1) % 2 ** 31;
    return this.#correlationId;
  }

  #end(reason: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    this.#frames.close();
    this.#late.close();
    this.#socket.destroy();
    for (const { fail } of this.#pending.splice(0)) fail(reason);
    this.#resolveEnded(reason);
  }
}

/**
 * Fetched records are views of their response, so its memory cannot be used again. A large response
 * gets memory of exactly its size, which V8 takes into account when it collects garbage.
 */
const unpooled: FrameMemory = {
  take: (bytes) => (bytes < slowBytesMin ? Buffer.allocUnsafe(bytes) : Buffer.allocUnsafeSlow(bytes)),
  give: () => undefined,
};

/** A TLS port answers plain text with an alert record (RFC 8446, section 5.1). */
const isTlsAlert = (chunk: Buffer): boolean => chunk[0] === 0x15 && chunk[1] === 0x03;

const requiresTls = () =>
  new AccessRefused('the broker requires TLS: set KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL');
