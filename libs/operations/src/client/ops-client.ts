import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { isTimeout, whyUnreachable } from './connections.ts';
import { OperationFailed } from './errors.ts';
import { httpRequest, jsonIn, type HttpRequest } from './http-request.ts';

export interface OpsAnswer<Body> {
  readonly body: Body;
  /** Names the state in the answer. An act passes it on as `ifMatch`. */
  readonly etag: string | undefined;
}

interface Act {
  readonly body: object;
  /** Makes the service refuse the act if somebody else has acted since. */
  readonly ifMatch?: string | undefined;
}

/** The operator API of one service. A refusal rejects with `OpsRefusal`. */
export interface OpsClient {
  readonly service: string;
  get<Body>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<OpsAnswer<Body>>;
  /** Acts once, however often the request is sent, because it carries an idempotency key. */
  post<Body>(path: string, act: Act): Promise<OpsAnswer<Body>>;
}

export interface OpsClientOptions {
  readonly service: string;
  readonly url: string;
  readonly token: string | undefined;
  /** The person or program that acts, for the history. */
  readonly actor: string;
}

/** RFC 9457 problem details, as the services answer them. */
interface Problem {
  readonly title?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: ReadonlyArray<{ readonly field: string; readonly message: string }>;
}

/** The service refused a request, with its stable code. */
export class OpsRefusal extends OperationFailed {
  override readonly name = 'OpsRefusal';
  readonly status: number;
  readonly code: string;

  constructor(
    service: string,
    status: number,
    { title, code = `http_${status}`, detail, errors = [] }: Problem,
  ) {
    const fields = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    const remedy = remedies[code];
    super(
      [`${service}: ${title ?? `it answered ${status}`} (${code})`, detail, fields, remedy]
        .filter(Boolean)
        .join(': '),
    );
    this.status = status;
    this.code = code;
  }
}

const remedies: Readonly<Record<string, string>> = {
  version_moved:
    'it has changed since it was read: look at it again, and repeat the command if it is still right',
  not_authenticated: 'set OPS_TOKEN to the token of the service',
  not_loopback: 'run the command on the machine of the service, or give the service an OPS_TOKEN',
};

const answerMsMax = 10_000;
/** This is long enough for an action of the service that waits for a lock. */
const actMsMax = 30_000;

const statusNamesIt = 'millrace status says what runs';
const mayHaveHappened = 'whether it has taken effect is unknown: look before you repeat it';

/**
 * Creates a client of one service's operator API. It opens no connection before its first call. A
 * read is given up after 10 seconds and an action after 30. Calls reject with `OpsRefusal`, which
 * has the service's problem, or with `OperationFailed` if the service does not answer. An action
 * that times out may have taken effect; its error says so.
 */
export function connectOps({ service, url, token, actor }: OpsClientOptions): OpsClient {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const ask = async <Body>(
    path: string,
    request: Omit<HttpRequest, 'answerMsMax'>,
  ): Promise<OpsAnswer<Body>> => {
    const acts = request.method === 'POST';
    const limits = { answerMsMax: acts ? actMsMax : answerMsMax };
    const answer = await httpRequest(`${url}${path}`, { ...request, ...limits }).catch((cause: unknown) => {
      const remedy = acts && isTimeout(cause) ? mayHaveHappened : statusNamesIt;
      const why = `${service} does not answer on ${url} (${whyUnreachable(cause)})`;
      throw new OperationFailed(`${why}: ${remedy}`, { cause });
    });
    const body = (jsonIn(answer) ?? {}) as Body & Problem;
    if (!answer.ok) throw new OpsRefusal(service, answer.status, body);
    return { body, etag: answer.headers.etag };
  };
  return {
    service,
    get(path, query = {}) {
      const given = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
      const search = given.toString();
      return ask(search === '' ? path : `${path}?${search}`, { headers });
    },
    post: (path, { body, ifMatch }) =>
      ask(path, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          'millrace-actor': actor,
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
        },
        body: JSON.stringify(body),
      }),
  };
}

/**
 * Returns the user and the machine. Characters that are not visible ASCII become `?`, because the
 * services refuse them.
 */
export const localActor = (): string => `${userInfo().username}@${hostname()}`.replace(/[^\x21-\x7e]/g, '?');
