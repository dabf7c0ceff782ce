import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, pageFrom, type Page } from '@millrace/service-chassis/http';
import { READ_DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { PAGE_OF_CUSTOMER, PAGE_OF_OVERVIEWS, READ_OVERVIEW } from '../projections/order-overview.sql.ts';
import type { ListOverviews, OverviewView } from './order-overview.dto.ts';
import { status as anyStatus } from './order.dto.ts';

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** Before the newest order there is. */
const fromTheNewest = ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const;

interface OverviewRow extends Record<string, unknown> {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OverviewView['status'];
  readonly reason: OverviewView['reason'] | null;
  readonly totalAmount: string;
  readonly totalCurrency: OverviewView['total']['currency'];
  readonly version: string | null;
  readonly placedAt: Date;
  readonly reservation: OverviewView['reservation'] | null;
  readonly payment: OverviewView['payment'] | null;
  readonly shipment: OverviewView['shipment'] | null;
  readonly mail: string | null;
  readonly updatedAt: Date;
}

/** Reads the overview wherever it is. */
@Injectable()
export class OverviewViews {
  constructor(@Inject(READ_DATABASE) private readonly database: SqlDatabase) {}

  async one(orderId: string): Promise<OverviewView | undefined> {
    const { rows } = await this.database.query<OverviewRow>(READ_OVERVIEW, [orderId]);
    return rows[0] && toView(rows[0]);
  }

  /** Newest first; the cursor is the last row's place in that order. */
  async list({ customerId, status, limit, cursor }: ListOverviews): Promise<Page<OverviewView>> {
    const [placedBefore, idBefore] = decodeCursor(cursor, cursorShape) ?? fromTheNewest;
    const values = [status === undefined ? anyStatus.options : [status], placedBefore, idBefore, limit + 1];
    const { rows } =
      customerId === undefined
        ? await this.database.query<OverviewRow>(PAGE_OF_OVERVIEWS, values)
        : await this.database.query<OverviewRow>(PAGE_OF_CUSTOMER, [...values, customerId]);
    return pageFrom(rows.map(toView), limit, ({ placedAt, orderId }) => [placedAt, orderId]);
  }
}

const toView = ({ reason, reservation, payment, shipment, mail, ...row }: OverviewRow): OverviewView => ({
  orderId: row.orderId,
  customerId: row.customerId,
  status: row.status,
  ...(reason && { reason }),
  total: { amount: Number(row.totalAmount), currency: row.totalCurrency },
  ...(reservation && { reservation }),
  ...(payment && { payment }),
  ...(shipment && { shipment }),
  ...(mail && { mail }),
  version: Number(row.version ?? 0),
  placedAt: row.placedAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
