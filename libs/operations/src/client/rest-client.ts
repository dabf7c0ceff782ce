import { structuredPatch } from 'diff';
import { whyUnreachable } from './connections.ts';
import { OperationFailed } from './errors.ts';
import { httpRequest, jsonIn, type HttpRequest } from './http-request.ts';

/** The apps beside the log that have a REST of Confluent's form: the schema registry and Connect. */
export type RestApp = 'registry' | 'connect';

/** A refusal of that REST, with its own code, such as 40401. */
export class RestRefusal extends OperationFailed {
  override readonly name = 'RestRefusal';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * The REST of a schema registry or of a worker of Connect, ours or a foreign one. Rejects with
 * `RestRefusal`, which has its words, or with `OperationFailed` if it does not answer.
 */
export interface RestClient {
  get<Body>(path: string): Promise<Body>;
  /** Resolves to the answer, or to null if the answer has no body. */
  send<Body>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Body>;
}

/** A worker waits up to 30 s for the leader of its group. */
const answerMsMax = 40_000;

/** Creates a client, which opens no connection before its first call. */
export function connectRest(app: RestApp, url: string): RestClient {
  const ask = async (path: string, request: Omit<HttpRequest, 'answerMsMax'>): Promise<unknown> => {
    const answer = await httpRequest(`${url}${path}`, { ...request, answerMsMax }).catch((cause: unknown) => {
      const why = `${app} does not answer on ${url} (${whyUnreachable(cause)})`;
      throw new OperationFailed(`${why}: start it with npm start -- --with ${app}`, { cause });
    });
    const body = jsonIn(answer) ?? null;
    if (answer.ok) return body;
    const { error_code: code = answer.status, message } = (body ?? {}) as Refusal;
    throw new RestRefusal(answer.status, code, `${app}: ${message ?? `it answered ${answer.status}`}`);
  };
  return {
    get: <Body>(path: string) => ask(path, { headers: { accept: 'application/json' } }) as Promise<Body>,
    send: <Body>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
      const headers = {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      return ask(path, { method, headers, body: body && JSON.stringify(body) }) as Promise<Body>;
    },
  };
}

interface Refusal {
  readonly error_code?: number;
  readonly message?: string;
}

type State = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED' | 'RESTARTING';

interface PartStatus {
  readonly state: State;
  readonly worker_id: string;
  /** Why it failed. */
  readonly trace?: string;
}

/** A connector as Connect's REST shows it with `expand`. */
export interface ConnectorView {
  readonly info: { readonly config: Readonly<Record<string, string>> };
  readonly status: {
    readonly name: string;
    readonly type: 'source' | 'sink';
    readonly connector: PartStatus;
    readonly tasks: ReadonlyArray<PartStatus & { readonly id: number }>;
  };
}

/** The first line of the error that ended the connector or, if none has, the first of its failed tasks. */
export const firstFailure = ({ connector, tasks }: ConnectorView['status']): string | undefined =>
  failureLine([connector, ...tasks].find(({ state }) => state === 'FAILED'));

/** The first line of the error that ended a connector or a task. */
export const failureLine = (part: Pick<PartStatus, 'trace'> | undefined): string | undefined =>
  part?.trace?.split('\n', 1)[0];

/** All connectors, in the order of their names. */
export async function readConnectors(connect: RestClient): Promise<readonly ConnectorView[]> {
  const path = '/connectors?expand=status&expand=info';
  const found = await connect.get<Readonly<Record<string, ConnectorView>>>(path);
  return Object.values(found).sort((one, other) => one.status.name.localeCompare(other.status.name));
}

/** A version of a subject. `schemaType` is absent for Avro. */
export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType?: 'AVRO' | 'JSON' | 'PROTOBUF';
  readonly schema: string;
  readonly references?: ReadonlyArray<{ name: string; subject: string; version: number }>;
}

/** Whether versions of a subject accept a schema, with the registry's reasons if they do not. */
export interface CompatibilityAnswer {
  readonly is_compatible: boolean;
  readonly messages?: readonly string[];
}

/** The address of a subject in the registry's REST. */
export const subjectPath = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;

/** The compatibility level of a subject, or the one that holds for all. */
export async function compatibilityOf(registry: RestClient, subject: string): Promise<string> {
  const path = `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
  return (await registry.get<{ readonly compatibilityLevel: string }>(path)).compatibilityLevel;
}

/** Asks whether the subject's versions accept a schema, by its compatibility level. */
export const checkSchema = (
  registry: RestClient,
  subject: string,
  schema: Pick<SchemaVersion, 'schema' | 'schemaType' | 'references'>,
): Promise<CompatibilityAnswer> =>
  registry.send('POST', `/compatibility${subjectPath(subject)}/versions?verbose=true`, schema);

/** The schema on many lines, so that a person can read and compare it. */
export const readableSchema = ({ schema, schemaType }: SchemaVersion): string =>
  schemaType === 'PROTOBUF' ? schema : JSON.stringify(JSON.parse(schema), null, 2);

/** The lines that differ between two versions, with `-` or `+` before them, and two lines around each. */
export function changedLines(from: SchemaVersion, to: SchemaVersion): readonly string[] {
  const texts = [readableSchema(from), readableSchema(to)] as const;
  const { hunks } = structuredPatch('', '', ...texts, '', '', { context: 2 });
  return hunks.flatMap(({ lines }) => lines.filter((line) => !line.startsWith('\\')));
}
