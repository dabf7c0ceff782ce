import { Injectable } from '@nestjs/common';
import { askReachable, isAbsent, lettersOf, lettersPath, reasonsPath } from '@millrace/operations/client';
import {
  redrivesMax,
  type LetterFilter,
  type LetterReasons,
  type LetterView,
  type ListedLetter,
} from '@millrace/operations/contract';
import type { Reasons, ShownLetter } from '../api/dead-letters.ts';
import type { FirstOfAll } from '../api/shown.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { System } from '../system/system.ts';

export interface LettersWanted extends LetterFilter {
  readonly state: string;
  readonly service?: string | undefined;
}

/** Reads the dead letters of all services from their operator APIs. */
@Injectable()
export class LetterReader {
  constructor(private readonly system: System) {}

  /** The most frequent first. */
  async reasons(): Promise<Reasons> {
    const { found, missing } = await askReachable(this.system.operators(), async (ops) => {
      const { items, complete } = (await ops.get<ReasonsPage>(reasonsPath)).body;
      return { complete, reasons: items.map((reason) => ({ ...reason, service: ops.service })) };
    });
    return {
      reasons: found
        .flatMap(({ reasons }) => reasons)
        .sort((one, other) => other.letters - one.letters || one.oldestAt.localeCompare(other.oldestAt)),
      complete: found.every(({ complete }) => complete),
      missing,
    };
  }

  /** Undefined if the services do not count such letters. */
  async count({ service, key, ...filter }: Omit<LettersWanted, 'state'>): Promise<number | undefined> {
    const { reasons, complete } = await this.reasons();
    if (!complete || key !== undefined) return undefined;
    return lettersOf(
      reasons.filter((each) => service === undefined || each.service === service),
      filter,
    );
  }

  /** The oldest first. */
  list({ service, ...query }: LettersWanted, limit: number): Promise<FirstOfAll<ListedLetter>> {
    return firstOfAll<ListedLetter>(this.system.operatorsNamed(service), {
      path: lettersPath,
      query,
      limit,
      orderBy: ({ at }) => at,
    });
  }

  async one(service: string, id: string): Promise<ShownLetter> {
    const path = `${lettersPath}/${encodeURIComponent(id)}`;
    try {
      const { body } = await this.system.operatorOf(service).get<LetterView>(path);
      return { service, letter: body, gone: false, redrivesMax };
    } catch (error) {
      if (!isAbsent(error)) throw error;
      return { service, gone: true, redrivesMax };
    }
  }
}

interface ReasonsPage {
  readonly items: readonly LetterReasons[];
  readonly complete: boolean;
}
