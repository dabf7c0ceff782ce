import { safeInteger } from '@millrace/service-chassis/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What inventory has said a product costs. */
@Entity('product_price')
export class ProductPrice {
  @PrimaryColumn({ type: 'text' })
  sku!: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  amount!: number;

  @Column({ type: 'text' })
  currency!: string;
}
