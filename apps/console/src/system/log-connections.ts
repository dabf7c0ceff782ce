import { Injectable } from '@nestjs/common';
import type { LogTools } from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';
import {
  ClientError,
  connectAdmin,
  connectLagReader,
  connectLogReader,
  type LagReader,
} from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import { System } from './system.ts';
import { throughOperators } from './through-operators.ts';

interface OpenLog extends LogTools {
  readonly lags: LagReader;
  /** The servers that it is connected to. */
  readonly servers: string;
}

/** A person waits, so a broker that does not answer is reported soon. */
const operationTimeoutMs = seconds(10);
/** How long unused connections stay open. It is longer than the pause between two reads. */
const idleMs = 15_000;

/**
 * The connections to Kafka with which pages follow topics and groups. They are opened at the first use,
 * shared by all pages, and closed when nobody has used them for a while.
 */
@Injectable()
export class LogConnections {
  #open: OpenLog | undefined;
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly system: System) {}

  async use<Result>(work: (log: OpenLog) => Promise<Result>): Promise<Result> {
    const log = this.#connection();
    this.#users += 1;
    clearTimeout(this.#idle);
    try {
      return await work(log);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#idle = setTimeout(() => this.close(), idleMs).unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    const open = this.#open;
    this.#open = undefined;
    void Promise.allSettled([open?.admin.close(), open?.reader.close(), open?.lags.close()]);
  }

  /** Connects again if the stack was restarted elsewhere. */
  #connection(): OpenLog {
    const cluster = this.system.addresses.cluster();
    const servers = cluster.bootstrapServers.join();
    if (this.#open !== undefined && this.#open.servers !== servers) this.close();
    this.#open ??= {
      servers,
      admin: connectAdmin({ ...cluster, operationTimeoutMs }),
      reader: connectLogReader({ ...cluster, operationTimeoutMs }),
      lags: connectLagReader({ ...cluster, operationTimeoutMs }),
    };
    return this.#open;
  }
}

const statusOf: Readonly<Record<string, number>> = {
  argument_invalid: 400,
  unknown_topic: 404,
  unknown_group: 404,
  offset_out_of_range: 404,
  group_in_use: 409,
};

/** Turns errors of the Kafka client into answers, and names the part that does not answer. */
export async function throughLog<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await throughOperators(asked);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new ProblemError(statusOf[error.code] ?? 502, error.code, error.message);
  }
}
