import { safeInteger } from '@millrace/service-chassis/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('product')
export class Product {
  @PrimaryColumn({ type: 'text' })
  sku!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'price_amount', type: 'bigint', transformer: safeInteger })
  priceAmount!: number;

  @Column({ name: 'price_currency', type: 'text' })
  priceCurrency!: string;

  @Column({ name: 'on_hand', type: 'bigint', transformer: safeInteger })
  onHand!: number;

  @Column({ type: 'bigint', transformer: safeInteger })
  reserved!: number;

  @Column({ type: 'bigint', transformer: safeInteger })
  shipped!: number;
}
