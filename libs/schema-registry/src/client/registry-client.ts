import { spawnSync } from 'node:child_process';
import { seconds, systemClock, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { z } from 'zod';

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });

const registeredSchema = z.object({
  schema: z.string(),
  schemaType: z.string().default('AVRO'),
  references: z.array(reference).default([]),
});
/** A schema of the registry. */
export type RegisteredSchema = z.infer<typeof registeredSchema>;

const registeredVersion = registeredSchema.extend({
  subject: z.string(),
  version: z.int(),
  id: z.int(),
});
/** A version of a subject. */
export type RegisteredVersion = z.infer<typeof registeredVersion>;

/** A schema to register, to look up or to check. Its type is Avro by default. */
export type NewSchema = Pick<RegisteredSchema, 'schema'> & Partial<RegisteredSchema>;

export interface RegistryClientOptions {
  /** An address such as `http://127.0.0.1:8081`. It may also be Confluent's registry or Karapace. */
  readonly url: string;
  /** The value of the header `Authorization`, if the registry asks for one. */
  readonly authorization?: () => string;
  readonly requestMsMax?: DurationMs;
  readonly clock?: Clock;
}

/** The registry has refused a call or did not answer it. */
export class RegistryCallError extends Error {
  override readonly name = 'RegistryCallError';
  /** The registry's `error_code`, such as 40403, or 0 if there was no answer. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same call may succeed later, because the registry is away or too busy. */
  get mayPass(): boolean {
    const status = this.code < 1_000 ? this.code : Math.floor(this.code / 100);
    return status === 0 || status === 429 || status >= 500;
  }
}

/** How long the client remembers that the registry does not have a schema. */
const missingMsMax = seconds(5);
const schemasKeptMax = 10_000;

interface Missing {
  readonly error: RegistryCallError;
  readonly untilMs: number;
}

/** Calls a schema registry. Because schemas never change, the client keeps every schema that it has read. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #clock: Clock;
  readonly #byId = new Map<number, RegisteredSchema>();
  readonly #missing = new Map<number, Missing>();

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Registers a schema, unless the subject has it, and returns its id. */
  async register(subject: string, schema: NewSchema): Promise<number> {
    const answer = await this.#call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, schema);
    return z.object({ id: z.int() }).parse(answer).id;
  }

  /** Finds the version of the subject that has this schema. */
  async lookUp(subject: string, schema: NewSchema): Promise<RegisteredVersion> {
    const answer = await this.#call('POST', `/subjects/${encodeURIComponent(subject)}`, schema);
    return registeredVersion.parse(answer);
  }

  /**
   * Returns the reasons why the schema does not fit the subject. If the list is empty, it may be registered.
   */
  async check(subject: string, schema: NewSchema): Promise<readonly string[]> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`;
    const { messages } = z
      .object({ messages: z.array(z.string()).default([]) })
      .parse(await this.#call('POST', path, schema));
    return messages;
  }

  async subjects(): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#call('GET', '/subjects'));
  }

  async versions(subject: string): Promise<readonly number[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    return z.array(z.int()).parse(await this.#call('GET', path));
  }

  async version(subject: string, version: number | 'latest'): Promise<RegisteredVersion> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return registeredVersion.parse(await this.#call('GET', path));
  }

  /**
   * Returns a schema. The client asks the registry once for each id, and again after five seconds for an
   * id that the registry does not know.
   */
  async schema(id: number): Promise<RegisteredSchema> {
    const known = this.#known(id);
    if (known) return known;
    try {
      return this.#keep(id, registeredSchema.parse(await this.#call('GET', `/schemas/ids/${id}`)));
    } catch (error) {
      throw this.#remembered(id, error);
    }
  }

  /**
   * Does the same while the whole process waits. A serde needs it to decode a record, which cannot wait.
   */
  schemaNow(id: number): RegisteredSchema {
    const known = this.#known(id);
    if (known) return known;
    try {
      return this.#keep(id, registeredSchema.parse(this.#callNow(`/schemas/ids/${id}`)));
    } catch (error) {
      throw this.#remembered(id, error);
    }
  }

  /** Does the same as `schemaNow` for a version of a subject that another schema refers to. */
  versionNow({ subject, version }: z.infer<typeof reference>): RegisteredSchema {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return registeredVersion.parse(this.#callNow(path));
  }

  #keep(id: number, schema: RegisteredSchema): RegisteredSchema {
    if (this.#byId.size >= schemasKeptMax) this.#byId.clear();
    this.#byId.set(id, schema);
    this.#missing.delete(id);
    return schema;
  }

  #known(id: number): RegisteredSchema | undefined {
    const missing = this.#missing.get(id);
    if (missing && missing.untilMs > this.#clock.monotonic()) throw missing.error;
    return this.#byId.get(id);
  }

  #remembered(id: number, error: unknown): unknown {
    if (!(error instanceof RegistryCallError) || error.code !== 40403) return error;
    if (this.#missing.size >= schemasKeptMax) this.#missing.clear();
    this.#missing.set(id, { error, untilMs: this.#clock.monotonic() + missingMsMax });
    return error;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const request = this.#request(method, path, body);
    try {
      const answer = await fetch(request.url, {
        ...request.init,
        signal: AbortSignal.timeout(request.msMax),
      });
      return checked(request.url, answer.status, await answer.text());
    } catch (error) {
      if (error instanceof RegistryCallError) throw error;
      throw noAnswer(request.url, error);
    }
  }

  /** Another process makes the call while this process waits. */
  #callNow(path: string): unknown {
    const request = this.#request('GET', path);
    const { stdout, stderr, status, error } = spawnSync(process.execPath, ['-e', callProgram], {
      input: JSON.stringify(request),
      encoding: 'utf8',
      timeout: request.msMax,
      env: {},
    });
    if (error || status !== 0)
      throw noAnswer(request.url, error ?? new Error(stderr.trim().split('\n').at(-1)));
    const answer = z.object({ status: z.int(), text: z.string() }).parse(JSON.parse(stdout));
    return checked(request.url, answer.status, answer.text);
  }

  #request(method: string, path: string, body?: unknown) {
    const { url, authorization, requestMsMax: msMax = seconds(10) } = this.#options;
    const headers = {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(authorization && { authorization: authorization() }),
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return { url: `${url.replace(/\/+$/, '')}${path}`, init, msMax };
  }
}

const callProgram = `
  let given = '';
  process.stdin.on('data', (part) => (given += part));
  process.stdin.on('end', async () => {
    const { url, init } = JSON.parse(given);
    try {
      const answer = await fetch(url, init);
      process.stdout.write(JSON.stringify({ status: answer.status, text: await answer.text() }));
    } catch (error) {
      process.stderr.write(String(error.cause?.message ?? error.message));
      process.exitCode = 1;
    }
  });
`;

const refusal = z.object({ error_code: z.int(), message: z.string() });

function checked(url: string, status: number, text: string): unknown {
  if (status < 300) return JSON.parse(text) as unknown;
  const { data } = refusal.safeParse(attemptJson(text));
  throw new RegistryCallError(data?.error_code ?? status, data?.message ?? `${url} answers ${status}`);
}

const attemptJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const noAnswer = (url: string, cause: unknown): RegistryCallError => {
  const why =
    cause instanceof Error ? ((cause.cause as Error | undefined)?.message ?? cause.message) : String(cause);
  return new RegistryCallError(0, `the schema registry at ${new URL(url).origin} does not answer: ${why}`, {
    cause,
  });
};
